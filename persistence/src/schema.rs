//! The tables as both engines hold them; a test selects every column on each.

/// Declares a table; of `record`, with the columns that every table of records has.
macro_rules! table {
    ($table:ident (id) { record, $($own:tt)* }) => {
        table! {
            $table (id) {
                id -> Key,
                version -> BigInt,
                body -> JsonText,
                present -> JsonText,
                present_from -> Nullable<Day>,
                present_until -> Nullable<Day>,
                acts -> Text,
                $($own)*
            }
        }
    };
    ($table:ident $key:tt { $($columns:tt)* }) => {
        diesel::table! {
            use crate::columns::sql::*;
            use diesel::sql_types::*;

            $table $key { $($columns)* }
        }
    };
}

/// Declares tables, any of which may be joined to any other.
macro_rules! tables {
    ($($table:ident $key:tt { $($columns:tt)* })*) => {
        $( table! { $table $key { $($columns)* } } )*

        diesel::allow_tables_to_appear_in_same_query!($($table),*);
    };
}

tables! {
    base (only_row) {
        only_row -> Bool,
        floor_position -> BigInt,
        floor_fingerprint -> BigInt,
        floor_at -> Nullable<Instant>,
        signing_key -> Nullable<Binary>,
        turned_on -> Nullable<Day>,
    }

    versions (id, version) {
        id -> Key,
        version -> BigInt,
        #[sql_name = "type"]
        type_ -> Text,
        change -> Text,
        position -> BigInt,
        at -> Instant,
        body -> Nullable<JsonText>,
    }

    feed (position) {
        position -> BigInt,
        fingerprint -> BigInt,
        at -> Instant,
        change -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        id -> Key,
        version -> BigInt,
        request_id -> Text,
    }

    audit (line) {
        line -> BigInt,
        at -> Instant,
        caller -> Nullable<Key>,
        action -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        id -> Key,
        version_before -> Nullable<BigInt>,
        version_after -> Nullable<BigInt>,
        request_id -> Text,
        reason -> Nullable<Text>,
    }

    callers (id) {
        id -> Key,
        kind -> Text,
        name -> Nullable<Text>,
        rights -> Text,
        rights_version -> BigInt,
        created_at -> Instant,
        expires_at -> Nullable<Instant>,
        last_used_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
        token_scopes -> Nullable<Text>,
    }

    client_secrets (client) {
        client -> Key,
        hash -> Text,
        created_at -> Instant,
        tag -> Nullable<Binary>,
        old_hash -> Nullable<Text>,
        old_tag -> Nullable<Binary>,
        old_good_until -> Nullable<Instant>,
    }

    grants (id) {
        record,
        caller -> Key,
        role -> Text,
        scope -> Text,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }

    held (caller, word, from_version) {
        caller -> Key,
        word -> Text,
        from_version -> BigInt,
        until_version -> Nullable<BigInt>,
    }

    subjects (caller) {
        caller -> Key,
        issuer -> Text,
        subject -> Text,
        said_at -> Instant,
        held -> Text,
    }

    sessions (id) {
        id -> Key,
        caller -> Key,
        created_at -> Instant,
        expires_at -> Instant,
        ended_at -> Nullable<Instant>,
        scopes -> Text,
        last_used_at -> Nullable<Instant>,
    }

    ties (source, position) {
        source -> Key,
        position -> BigInt,
        kind -> Text,
        tied_type -> Text,
        tied -> Key,
        target_type -> Text,
        target -> Key,
        belongs -> Bool,
        full_sway -> Bool,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }

    scope_members (id, scope, from_position) {
        id -> Key,
        #[sql_name = "type"]
        type_ -> Text,
        scope -> Text,
        from_position -> BigInt,
        until_position -> Nullable<BigInt>,
    }

    idempotent_answers (caller, key) {
        caller -> Key,
        key -> Text,
        request -> Binary,
        at -> Instant,
        action -> Nullable<Text>,
        status -> Nullable<BigInt>,
        #[sql_name = "type"]
        type_ -> Nullable<Text>,
        id -> Nullable<Key>,
        version -> Nullable<BigInt>,
    }

    names (id, position) {
        #[sql_name = "type"]
        type_ -> Text,
        id -> Key,
        sort_key -> Text,
        position -> BigInt,
        borne_from -> Nullable<Day>,
        borne_before -> Nullable<Day>,
    }

    facets (type_, facet, value, id) {
        #[sql_name = "type"]
        type_ -> Text,
        facet -> Text,
        value -> Text,
        id -> Key,
    }

    spans (type_, facet, value, id, position) {
        #[sql_name = "type"]
        type_ -> Text,
        facet -> Text,
        value -> Text,
        id -> Key,
        position -> BigInt,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }

    records (id) {
        record,
        #[sql_name = "type"]
        type_ -> Text,
        exists_from -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }

    organisations (id) {
        record,
        kind -> Text,
        fictitious -> Bool,
        exists_from -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }

    territories (id) {
        record,
        kind -> Text,
        code -> Text,
        exists_from -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }

    territory_parts (whole, part, position) {
        whole -> Key,
        part -> Key,
        position -> BigInt,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }

    folded (id) {
        id -> Key,
        #[sql_name = "type"]
        type_ -> Text,
        survivor -> Key,
        version -> BigInt,
    }

    fold_changes (folded, id) {
        folded -> Key,
        id -> Key,
        version -> BigInt,
    }

    lineage_changes (event, id) {
        event -> Key,
        #[sql_name = "type"]
        type_ -> Text,
        id -> Key,
        version -> BigInt,
        change -> Text,
    }

    told_apart (one, other) {
        one -> Key,
        other -> Key,
    }

    territory_members (whole, member, position) {
        whole -> Key,
        member -> Key,
        position -> BigInt,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }

    imports (id) {
        id -> Key,
        #[sql_name = "type"]
        type_ -> Text,
        state -> Text,
        mode -> Text,
        dry_run -> Bool,
        source -> Text,
        file -> Nullable<Text>,
        caller -> Nullable<Key>,
        key -> Nullable<Text>,
        request -> Binary,
        process -> Key,
        asked_at -> Instant,
        ended_at -> Nullable<Instant>,
        expected_at -> Nullable<Instant>,
        progress -> JsonText,
        forgotten -> Bool,
    }

    clients (id) {
        record,
        revoked -> Bool,
    }

    identities (id) {
        id -> Key,
        family_name -> Text,
        given_name -> Nullable<Text>,
        rpps -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        erased_at -> Nullable<Instant>,
        swept_at -> Nullable<Instant>,
    }

    persons (id) {
        id -> Key,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        words -> Text,
        created_at -> Instant,
        erased_at -> Nullable<Instant>,
    }

    accounts (id) {
        record,
        state -> Text,
        person -> Key,
    }

    import_rows (import, number) {
        import -> Key,
        number -> BigInt,
        line -> BigInt,
        column_name -> Nullable<Text>,
        value -> Nullable<Text>,
        error -> JsonText,
        cells -> Nullable<JsonText>,
    }

    passwords (account) {
        account -> Key,
        hash -> Text,
        set_at -> Instant,
    }

    imported (type_, source, key) {
        #[sql_name = "type"]
        type_ -> Text,
        source -> Text,
        key -> Text,
        id -> Key,
        digest -> Binary,
        file -> Nullable<Text>,
        line -> BigInt,
        import -> Key,
    }

    one_time_codes (account) {
        account -> Key,
        hash -> Binary,
        expires_at -> Instant,
    }

    refresh_tokens (hash) {
        hash -> Binary,
        session -> Key,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }

    devices (hash) {
        hash -> Binary,
        account -> Key,
        last_used_at -> Instant,
    }

    lanes (subject, lane) {
        subject -> Text,
        lane -> Text,
        tries -> BigInt,
        since -> Instant,
        succeeded_at -> Nullable<Instant>,
    }
}
