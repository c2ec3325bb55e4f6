//! Lines into cells, as RFC 4180 quotes them.

/// Where the bytes fed so far leave off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// At the end of a cell.
    Whole,
    /// Within quotes: the row may go on on the next line.
    Within,
    /// After a quote that neither begins nor ends a cell.
    Astray,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    /// In a quoted cell.
    Quoted,
    /// After a quote in a quoted cell: its end, or half of a quote that is meant.
    Closed,
    Astray,
}

pub(super) struct Splitter {
    separator: u8,
    state: State,
    cells: Vec<Vec<u8>>,
    cell: Vec<u8>,
}

impl Splitter {
    pub(super) fn new(separator: u8) -> Self {
        Self {
            separator,
            state: State::Start,
            cells: Vec::new(),
            cell: Vec::new(),
        }
    }

    /// Takes one more line.
    pub(super) fn feed(&mut self, line: &[u8]) -> Ended {
        if self.state == State::Quoted {
            self.cell.push(b'\n');
        }
        for byte in line {
            self.take(*byte);
        }
        match self.state {
            State::Quoted => Ended::Within,
            State::Astray => Ended::Astray,
            State::Start | State::Plain | State::Closed => Ended::Whole,
        }
    }

    fn take(&mut self, byte: u8) {
        let ends = byte == self.separator;
        self.state = match (self.state, byte) {
            (State::Astray, _) | (State::Plain, b'"') => State::Astray,
            (State::Start, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::Closed,
            (State::Closed, b'"') => {
                self.cell.push(b'"');
                State::Quoted
            }
            (State::Quoted, byte) => {
                self.cell.push(byte);
                State::Quoted
            }
            (State::Start | State::Plain | State::Closed, _) if ends => {
                self.cells.push(std::mem::take(&mut self.cell));
                State::Start
            }
            (State::Closed, _) => State::Astray,
            (State::Start | State::Plain, byte) => {
                self.cell.push(byte);
                State::Plain
            }
        };
    }

    /// The cells of the row.
    pub(super) fn into_cells(mut self) -> Vec<Vec<u8>> {
        self.cells.push(self.cell);
        self.cells
    }
}
