use apache_avro::{Schema, schema::Name};

/// A type of the schema that contains itself, if there is one: how deep its values are is up to the file, and reading them
/// would take as much stack.
pub(super) fn find(schema: &Schema) -> Option<Name> {
    search(schema, &mut Vec::new())
}

fn search<'a>(schema: &'a Schema, around: &mut Vec<&'a Name>) -> Option<Name> {
    match schema {
        Schema::Array(array) => search(&array.items, around),
        Schema::Map(map) => search(&map.types, around),
        Schema::Union(union) => union.variants().iter().find_map(|variant| search(variant, around)),
        Schema::Record(record) => {
            around.push(&record.name);
            let found = record.fields.iter().find_map(|field| search(&field.schema, around));
            around.pop();
            found
        }
        // A type that ends before here was searched where it stands.
        Schema::Ref { name } => around.contains(&name).then(|| name.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(schema: &str) -> Option<String> {
        find(&Schema::parse_str(schema).unwrap()).map(|name| name.to_string())
    }

    #[test]
    fn a_type_within_itself_is_found_however_deep() {
        let list = r#"{ "type": "record", "name": "a", "fields": [{ "name": "x", "type": ["null", "a"] }] }"#;
        assert_eq!(found(list).as_deref(), Some("a"));
        let deep = r#"{ "type": "record", "name": "n.a", "fields": [{ "name": "x", "type": { "type": "array", "items":
            { "type": "record", "name": "b", "fields": [{ "name": "y", "type": { "type": "map", "values": "n.a" } }] } } }] }"#;
        assert_eq!(found(deep).as_deref(), Some("n.a"));
    }

    #[test]
    fn a_type_that_is_used_twice_is_fine() {
        let twice = r#"{ "type": "record", "name": "a", "fields": [
            { "name": "x", "type": { "type": "record", "name": "b", "fields": [{ "name": "n", "type": "int" }] } },
            { "name": "y", "type": ["null", "b"] }] }"#;
        assert_eq!(found(twice), None);
    }
}
