use std::io::Cursor;

use super::*;

fn table(bytes: impl AsRef<[u8]>) -> Table<Cursor<Vec<u8>>> {
    Table::open(Cursor::new(bytes.as_ref().to_vec())).unwrap()
}

fn rows(bytes: impl AsRef<[u8]>) -> Vec<Row> {
    table(bytes).map(Result::unwrap).collect()
}

/// Line, cells joined, and what is wrong.
fn told(bytes: impl AsRef<[u8]>) -> Vec<(u64, String, Option<RowFault>)> {
    rows(bytes)
        .into_iter()
        .map(|row| (row.line, row.cells.join("|"), row.fault))
        .collect()
}

#[test]
fn the_separator_is_the_one_of_the_header() {
    for separator in [";", ",", "\t", "|"] {
        let text = ["nom", "adresse"].join(separator) + "\n" + &["Réseda", "a"].join(separator);

        assert_eq!(rows(text)[0].cells, ["Réseda", "a"]);
    }
    assert_eq!(rows("\"a,b\";c\n1;2").len(), 1);
    assert_eq!(table("nom\nRéseda\n").separator(), ';');
}

#[test]
fn cp1252_is_told_from_utf_8_by_the_whole_file() {
    let far = "x".repeat(70_000);
    let cp1252 = [format!("nom\n{far}\nAl").as_bytes(), &[0xE8], b"s \x80\n"].concat();
    let utf8 = format!("\u{FEFF}nom\n{far}\nAlès\n");

    assert_eq!(table(&cp1252).encoding(), Encoding::Cp1252);
    assert_eq!(rows(&cp1252)[1].cells, ["Alès €"]);
    assert_eq!(table(&utf8).encoding(), Encoding::Utf8 { marked: true });
    assert_eq!(table(&utf8).header(), ["nom"]);
    assert_eq!(
        table("nom\nAles\n").encoding(),
        Encoding::Utf8 { marked: false }
    );
}

#[test]
fn ends_of_lines_of_windows_given_twice_are_ends_also_within_quotes() {
    assert_eq!(
        rows("nom;adresse\r\r\n\"Réseda\r\r\nAlès\";a\r\r\n")[0].cells,
        ["Réseda\nAlès", "a"]
    );
    assert_eq!(rows("nom\na\rb\n")[0].cells, ["a\rb"]);
}

#[test]
fn a_letter_that_two_pieces_share_is_read_whole() {
    for before in 65_530..65_540 {
        let text = format!("nom\n{}è{}\n", "x".repeat(before - 4), "y".repeat(70_000));

        assert_eq!(table(&text).encoding(), Encoding::Utf8 { marked: false });
    }
}

#[test]
fn a_stray_byte_in_utf_8_is_that_row_s_fault() {
    let text = [
        b"nom;lieu\n".as_slice(),
        "Réseda;Alès\n".as_bytes(),
        b"Vivadom;Al\xE8s\n",
        b"a;b",
    ]
    .concat();

    let faults: Vec<_> = rows(text)
        .into_iter()
        .map(|row| (row.line, row.fault))
        .collect();

    assert_eq!(
        faults,
        [
            (2, None),
            (3, Some(RowFault::NotUtf8 { column: 1 })),
            (4, None)
        ]
    );
}

#[test]
fn blank_lines_are_skipped_and_counted() {
    let text = "\n a;b\r\n\r\n;\n1;2\n   \n3;4\n";

    assert_eq!(
        told(text),
        [(5, "1|2".into(), None), (7, "3|4".into(), None)]
    );
}

#[test]
fn a_row_over_several_lines_is_read() {
    let text = "a;b;c\n1;\"2, rue\nde la \"\"Paix\"\"\n\";3\n4;5;6\n";

    assert_eq!(
        told(text),
        [
            (2, "1|2, rue\nde la \"Paix\"\n|3".into(), None),
            (5, "4|5|6".into(), None)
        ]
    );
}

#[test]
fn a_stray_quote_costs_its_own_row_alone() {
    let stray = |column| Some(RowFault::StrayQuote { column });
    for (bad, column) in [
        ("1;\"2;3", 1),
        ("1;2 \"x\";3", 1),
        ("1;2;\"3\"4", 2),
        ("\"1;2;3", 0),
        ("1;2;\"3", 2),
    ] {
        let text = format!("a;b;c\n0;0;0\n{bad}\n4;\"5\";6\n7;8;9\n\"\";8;9\n");

        let told = told(&text);

        assert_eq!(told.len(), 5, "{bad}: {told:?}");
        assert_eq!(told[1], (3, bad.replace(';', "|"), stray(column)));
        assert!(
            told.iter().all(|row| row.0 == 3 || row.2.is_none()),
            "{told:?}"
        );
    }
}

#[test]
fn a_row_has_as_many_cells_as_there_are_columns() {
    let cells = |found| Some(RowFault::Cells { expected: 3, found });

    assert_eq!(
        told("a;b;c\n1;2\n1;2;3;4\n1;2;3"),
        [
            (2, "1|2".into(), cells(2)),
            (3, "1|2|3|4".into(), cells(4)),
            (4, "1|2|3".into(), None)
        ]
    );
}

#[test]
fn a_cell_as_large_as_a_file_is_named_and_not_kept() {
    let column = 1;
    for (length, lines) in [(1_000_000, 1), (5_000_000, 1), (1_000_000, 3)] {
        let line = "x".repeat(length / lines);
        let cell = vec![line; lines].join("\n");
        let text = format!("a;b;c\n1;\"{cell}\";3\n4;5;6\n");

        let rows = rows(&text);

        let max = LONGEST_CELL;
        assert_eq!(rows[0].fault, Some(RowFault::LongCell { column, max }));
        assert!(rows[0].cells.iter().all(|cell| cell.len() < 1000));
        assert_eq!(rows.last().unwrap().cells, ["4", "5", "6"]);
        assert_eq!(rows.len(), 2);
    }
}

#[test]
fn what_is_no_table_is_refused() {
    let open = |bytes: &[u8]| {
        Table::open(Cursor::new(bytes.to_vec()))
            .map(drop)
            .unwrap_err()
    };

    assert!(matches!(open(b""), Unreadable::Empty));
    assert!(matches!(open(b"\n \n"), Unreadable::Empty));
    assert!(matches!(open(b"PK\x03\x04..."), Unreadable::NotCsv));
    assert!(matches!(open(b"\xFF\xFEa\0"), Unreadable::NotCsv));
    assert!(matches!(open(b"a;\"b\n"), Unreadable::Header));
    let Unreadable::RepeatedColumn { name } = open("Nom;lieu;NOM\n".as_bytes()) else {
        panic!()
    };
    assert_eq!(name, "NOM");
}
