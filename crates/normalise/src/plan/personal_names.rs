//! Names that fields with personal data usually have.

use crate::plan::record::Personal;

/// Words behind each other in a name, and the class of what it names.
const WORDS: [(&[&str], Personal); 33] = [
    (&["email"], Personal::Email),
    (&["e", "mail"], Personal::Email),
    (&["mail"], Personal::Email),
    (&["ip"], Personal::IpAddress),
    (&["user", "agent"], Personal::UserAgent),
    (&["useragent"], Personal::UserAgent),
    (&["post", "code"], Personal::PostCode),
    (&["postcode"], Personal::PostCode),
    (&["postal", "code"], Personal::PostCode),
    (&["zip"], Personal::PostCode),
    (&["zipcode"], Personal::PostCode),
    (&["external", "id"], Personal::ExternalId),
    (&["customer", "id"], Personal::ExternalId),
    (&["client", "id"], Personal::ExternalId),
    (&["member", "id"], Personal::ExternalId),
    (&["person", "id"], Personal::ExternalId),
    (&["user", "id"], Personal::ExternalId),
    (&["first", "name"], Personal::FreeText),
    (&["last", "name"], Personal::FreeText),
    (&["full", "name"], Personal::FreeText),
    (&["family", "name"], Personal::FreeText),
    (&["given", "name"], Personal::FreeText),
    (&["user", "name"], Personal::FreeText),
    (&["username"], Personal::FreeText),
    (&["surname"], Personal::FreeText),
    (&["phone"], Personal::FreeText),
    (&["telephone"], Personal::FreeText),
    (&["mobile"], Personal::FreeText),
    (&["birthday"], Personal::FreeText),
    (&["birth"], Personal::FreeText),
    (&["street"], Personal::FreeText),
    (&["address"], Personal::FreeText),
    (&["comment"], Personal::FreeText),
];

/// The class that a field's data seems to be of, by the field's name and the last keys of the paths that it is read from.
pub(super) fn class_of(name: &str, from: &[String]) -> Option<Personal> {
    let keys = from.iter().filter_map(|path| path.rsplit('/').find(|key| *key != "*"));
    let names: Vec<_> = [name].into_iter().chain(keys).map(words).collect();
    let holds = |words: &[String], wanted: &[&str]| words.windows(wanted.len()).any(|some| some == wanted);
    let class = |words: &Vec<String>| WORDS.iter().find(|(wanted, _)| holds(words, wanted));
    names.iter().find_map(class).map(|(_, class)| *class)
}

/// The words of a name in `snake_case`, `camelCase` or `kebab-case`, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        let begins = was_small && letter.is_uppercase();
        was_small = letter.is_lowercase();
        if begins || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_names_are_found_by_whole_words() {
        for (name, class) in [
            ("email_address", Some(Personal::Email)),
            ("contactEmail", Some(Personal::Email)),
            ("client_ip", Some(Personal::IpAddress)),
            ("zip", Some(Personal::PostCode)),
            ("customerId", Some(Personal::ExternalId)),
            ("phone_number", Some(Personal::FreeText)),
            ("loyalty_tier", None),
            ("shipping", None),
            ("calendar_subscription_id", None),
            ("account_name", None),
        ] {
            assert_eq!(class_of(name, &[]), class, "{name}");
        }
        assert_eq!(class_of("contact", &["/eventDetails/emails/*".to_owned()]), None);
        assert_eq!(class_of("contact", &["/eventDetails/emailAddress".to_owned()]), Some(Personal::Email));
    }
}
