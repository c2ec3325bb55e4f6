//! How to reach someone at work: e-mail, telephone, web.

use unicode_normalization::UnicodeNormalization;
use validator::{ValidateEmail, ValidateUrl};

use super::ValueError;
use super::text::{text_value, within};

text_value! {
    /// An e-mail address, at most 254 characters. Spaces around it are removed and its domain is
    /// put in lower case. An address literal (`x@[192.0.2.1]`) is refused: nobody is written to so.
    ///
    /// Source: WHATWG HTML, valid e-mail address; RFC 5321 §4.5.3.1 for the length.
    pub struct Email = email; example "accueil@example.org", max 254, format "email"
}

impl Email {
    /// The address as two of them are compared: without case, compatible characters alike.
    #[must_use]
    pub fn folded(&self) -> String {
        self.as_str().nfkc().flat_map(char::to_lowercase).collect()
    }
}

text_value! {
    /// An absolute `http` or `https` address, at most 500 characters. Spaces around it are removed, its
    /// scheme is put in lower case, and what may not stand in a URI is escaped (`é` as `%C3%A9`).
    ///
    /// Source: RFC 3986.
    pub struct WebAddress = web_address; example "https://www.example.org/", max 500, format "uri"
}

text_value! {
    /// A telephone number: 4 to 20 digits, after a `+` when it begins with a country's. Spaces,
    /// dots and dashes are accepted and removed.
    ///
    /// Source: ITU-T E.164, widened to national and short numbers such as 3114.
    pub struct Phone = phone; example "+33466000000", pattern "^[+]?[0-9]{4,20}$", max 21
}

fn email(given: &str) -> Result<String, ValueError> {
    let address = within(given, 254)?;
    let (user, domain) = address.rsplit_once('@').ok_or(ValueError::Email)?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '[';
    if domain.contains(odd) || !address.validate_email() {
        return Err(ValueError::Email);
    }
    Ok(format!("{user}@{}", domain.to_ascii_lowercase()))
}

fn web_address(given: &str) -> Result<String, ValueError> {
    let address = within(given, 500)?;
    let (scheme, rest) = address.split_once("://").ok_or(ValueError::WebAddress)?;
    let scheme = scheme.to_ascii_lowercase();
    // The parser behind the validator quietly drops or mends spaces, line breaks and backslashes.
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    let absolute = matches!(scheme.as_str(), "http" | "https") && !rest.starts_with('/');
    if !absolute || address.contains(odd) || !address.validate_url() {
        return Err(ValueError::WebAddress);
    }
    let host_ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(host_ends);
    let (host, path) = (escaped(host, "[]"), escaped(path, "/?"));
    let address = format!("{scheme}://{host}{path}");
    if !address.validate_url() {
        return Err(ValueError::WebAddress);
    }
    within(&address, 500).map(str::to_owned)
}

/// A part of an address in which these characters stand for themselves too, with what may not stand there
/// escaped.
fn escaped(part: &str, too: &str) -> String {
    let mut escaped = String::with_capacity(part.len());
    let mut in_fragment = false;
    for (at, c) in part.char_indices() {
        let stands = match c {
            '#' => !std::mem::replace(&mut in_fragment, true),
            '%' => {
                let digits = at.saturating_add(1)..at.saturating_add(3);
                let digits = part.get(digits).unwrap_or_default();
                digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
            }
            _ => c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c) || too.contains(c),
        };
        if stands {
            escaped.push(c);
        } else {
            let bytes = c.to_string().into_bytes().into_iter();
            escaped.extend(bytes.map(|byte| format!("%{byte:02X}")));
        }
    }
    escaped
}

fn phone(given: &str) -> Result<String, ValueError> {
    let apart = |c: &char| c.is_whitespace() || matches!(c, '.' | '-' | '\u{2010}'..='\u{2013}');
    let number: String = given.chars().filter(|c| !apart(c)).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if (4..=20).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        Ok(number)
    } else {
        Err(ValueError::Format {
            expected: "+33999999999".to_owned(),
        })
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(
            email in "[a-zA-Z0-9._+-]{1,20}@[a-zA-Z]{1,10}\\.(org|FR)",
            address in "[hH][tT]{2}[pP][sS]?://[a-zA-Z]{1,10}\\.org(/[a-zA-Z0-9?=&%._-]{0,20})?",
            phone in "[+]?[0-9]{2}([ .-]?[0-9]{2}){1,9}",
        ) {
            let email = Email::parse(&email).unwrap();
            prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
            let address = WebAddress::parse(&address).unwrap();
            prop_assert_eq!(WebAddress::parse(address.as_str()), Ok(address));
            let phone = Phone::parse(&phone).unwrap();
            prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone));
        }

        #[test]
        fn whatever_is_accepted_is_canonical(text in "\\PC{0,30}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
            }
            if let Ok(address) = WebAddress::parse(&format!("http://{text}")) {
                prop_assert_eq!(WebAddress::parse(address.as_str()), Ok(address));
            }
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone));
            }
        }
    }

    #[test]
    fn what_may_not_stand_in_a_uri_is_escaped() {
        for (given, kept) in [
            (
                "https://example.org/les-réseaux",
                "https://example.org/les-r%C3%A9seaux",
            ),
            (
                "https://example.org/r%C3%A9?q=100%",
                "https://example.org/r%C3%A9?q=100%25",
            ),
            (
                "https://example.org/a|b#c#d",
                "https://example.org/a%7Cb#c%23d",
            ),
            ("HTTPS://example.org", "https://example.org"),
            ("https://[2001:db8::1]/[1]", "https://[2001:db8::1]/%5B1%5D"),
        ] {
            assert_eq!(WebAddress::parse(given).unwrap().as_str(), kept);
        }
        let long = format!("https://example.org/{}", "é".repeat(100));
        assert_eq!(
            WebAddress::parse(&long),
            Err(ValueError::TooLong { max: 500 })
        );
    }

    #[test]
    fn the_domain_of_an_address_has_no_case() {
        assert_eq!(
            Email::parse(" Accueil@Example.ORG ").unwrap().as_str(),
            "Accueil@example.org"
        );
    }

    #[test]
    fn what_is_no_email_address_is_refused() {
        for text in [
            "accueil",
            "@example.org",
            "a@",
            "a b@example.org",
            "a@b c.org",
            "a@[127.0.0.1]",
        ] {
            assert_eq!(Email::parse(text), Err(ValueError::Email), "{text}");
        }
        assert_eq!(Email::parse(" "), Err(ValueError::Empty));
        let long = format!("a@{}", "b.".repeat(127));
        assert_eq!(Email::parse(&long), Err(ValueError::TooLong { max: 254 }));
    }

    #[test]
    fn only_absolute_addresses_of_the_web_are_read() {
        for text in [
            "www.example.org",
            "/page",
            "//example.org",
            "ftp://example.org",
            "http:example.org",
            "http://",
            "http:///page",
            "https://exa mple.org",
            "https://example.org/a b",
            "javascript:alert(1)//://",
            "https://example.org/\u{7}",
            "http://exa\nmple.org",
        ] {
            assert_eq!(
                WebAddress::parse(text),
                Err(ValueError::WebAddress),
                "{text}"
            );
        }
        let kept = WebAddress::parse(" HTTPS://Example.org/Page?q=1#a ").unwrap();
        assert_eq!(kept.as_str(), "https://Example.org/Page?q=1#a");
        let long = format!("https://example.org/{}", "a".repeat(481));
        assert_eq!(
            WebAddress::parse(&long),
            Err(ValueError::TooLong { max: 500 })
        );
    }

    #[test]
    fn a_telephone_number_is_its_digits() {
        for (text, number) in [
            ("04 66 00 00 00", "0466000000"),
            ("+33 4.66.00.00.00", "+33466000000"),
            ("04-66-00-00-00", "0466000000"),
            ("3114", "3114"),
        ] {
            assert_eq!(Phone::parse(text).unwrap().as_str(), number);
        }
        for text in [
            "",
            "112",
            "+",
            "04 66 00 00 0O",
            "0466+000000",
            "(04) 66 00 00 00",
        ] {
            assert_eq!(
                Phone::parse(text).map_err(|error| error.code()),
                Err("format"),
                "{text}"
            );
        }
        assert!(Phone::parse(&"1".repeat(21)).is_err());
    }
}
