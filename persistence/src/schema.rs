//! The tables as both engines hold them; a test selects every column on each.

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    base (only_row) {
        only_row -> Bool,
        floor_position -> BigInt,
        floor_fingerprint -> BigInt,
        floor_at -> Nullable<Instant>,
        signing_key -> Nullable<Binary>,
        turned_on -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

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
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

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
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

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
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

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
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    client_secrets (client) {
        client -> Key,
        hash -> Text,
        created_at -> Instant,
        tag -> Nullable<Binary>,
        old_hash -> Nullable<Text>,
        old_tag -> Nullable<Binary>,
        old_good_until -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    grants (id) {
        id -> Key,
        version -> BigInt,
        body -> JsonText,
        present -> JsonText,
        present_from -> Nullable<Day>,
        present_until -> Nullable<Day>,
        acts -> Text,
        caller -> Key,
        role -> Text,
        scope -> Text,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    held (caller, word, from_version) {
        caller -> Key,
        word -> Text,
        from_version -> BigInt,
        until_version -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    subjects (caller) {
        caller -> Key,
        issuer -> Text,
        subject -> Text,
        said_at -> Instant,
        held -> Text,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    sessions (id) {
        id -> Key,
        caller -> Key,
        created_at -> Instant,
        expires_at -> Instant,
        ended_at -> Nullable<Instant>,
        scopes -> Text,
        last_used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    belongings (part, position) {
        part -> Key,
        position -> BigInt,
        #[sql_name = "type"]
        type_ -> Text,
        whole -> Key,
        scope -> Text,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    scope_members (id, scope, from_position) {
        id -> Key,
        #[sql_name = "type"]
        type_ -> Text,
        scope -> Text,
        from_position -> BigInt,
        until_position -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

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
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    names (id, position) {
        #[sql_name = "type"]
        type_ -> Text,
        id -> Key,
        sort_key -> Text,
        position -> BigInt,
        borne_from -> Nullable<Day>,
        borne_before -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    facets (type_, facet, value, id) {
        #[sql_name = "type"]
        type_ -> Text,
        facet -> Text,
        value -> Text,
        id -> Key,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    organisations (id) {
        id -> Key,
        version -> BigInt,
        body -> JsonText,
        present -> JsonText,
        present_from -> Nullable<Day>,
        present_until -> Nullable<Day>,
        acts -> Text,
        kind -> Text,
        fictitious -> Bool,
        exists_from -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    organisation_parts (whole, part, position) {
        whole -> Key,
        part -> Key,
        position -> BigInt,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    territories (id) {
        id -> Key,
        version -> BigInt,
        body -> JsonText,
        present -> JsonText,
        present_from -> Nullable<Day>,
        present_until -> Nullable<Day>,
        acts -> Text,
        kind -> Text,
        code -> Text,
        exists_from -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    territory_parts (whole, part, position) {
        whole -> Key,
        part -> Key,
        position -> BigInt,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    folded (id) {
        id -> Key,
        #[sql_name = "type"]
        type_ -> Text,
        survivor -> Key,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    fold_changes (folded, id) {
        folded -> Key,
        id -> Key,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    told_apart (one, other) {
        one -> Key,
        other -> Key,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    territory_members (whole, member, position) {
        whole -> Key,
        member -> Key,
        position -> BigInt,
        starts_on -> Nullable<Day>,
        ends_before -> Nullable<Day>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

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
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    clients (id) {
        id -> Key,
        version -> BigInt,
        body -> JsonText,
        present -> JsonText,
        present_from -> Nullable<Day>,
        present_until -> Nullable<Day>,
        acts -> Text,
        revoked -> Bool,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    persons (id) {
        id -> Key,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        words -> Text,
        created_at -> Instant,
        erased_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    accounts (id) {
        id -> Key,
        version -> BigInt,
        body -> JsonText,
        present -> JsonText,
        present_from -> Nullable<Day>,
        present_until -> Nullable<Day>,
        acts -> Text,
        state -> Text,
        person -> Key,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    import_rows (import, number) {
        import -> Key,
        number -> BigInt,
        line -> BigInt,
        column_name -> Nullable<Text>,
        value -> Nullable<Text>,
        error -> JsonText,
        cells -> Nullable<JsonText>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    passwords (account) {
        account -> Key,
        hash -> Text,
        set_at -> Instant,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

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
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    one_time_codes (account) {
        account -> Key,
        hash -> Binary,
        expires_at -> Instant,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    refresh_tokens (hash) {
        hash -> Binary,
        session -> Key,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    devices (hash) {
        hash -> Binary,
        account -> Key,
        last_used_at -> Instant,
    }
}

diesel::table! {
    use crate::columns::sql::*;
    use diesel::sql_types::*;

    lanes (subject, lane) {
        subject -> Text,
        lane -> Text,
        tries -> BigInt,
        since -> Instant,
        succeeded_at -> Nullable<Instant>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    audit,
    callers,
    client_secrets,
    sessions,
    clients,
    persons,
    accounts,
    passwords,
    one_time_codes,
    refresh_tokens,
    devices,
    feed,
    versions,
    organisations,
    names,
    facets,
    organisation_parts,
    territories,
    territory_members,
    territory_parts,
    grants,
    belongings,
    scope_members,
    folded,
    fold_changes,
    told_apart,
    imports,
    import_rows,
    imported,
);
