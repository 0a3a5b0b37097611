use serde_json::Value;

const INDENT: &str = "  ";

/// JSON for people: indented, but a list of plain values in one line, however long it is.
pub(crate) fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, "\n", &mut text);
    text.push('\n');
    text
}

/// `line` begins a line at the value's own depth.
fn write(value: &Value, line: &str, out: &mut String) {
    let is_nested = |value: &Value| value.is_object() || value.is_array();
    let within = format!("{line}{INDENT}");
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (index, (key, field)) in fields.iter().enumerate() {
                out.push(if index == 0 { '{' } else { ',' });
                out.push_str(&within);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                write(field, &within, out);
            }
            out.push_str(line);
            out.push('}');
        }
        Value::Array(items) if items.iter().any(is_nested) => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                out.push_str(&within);
                write(item, &within, out);
            }
            out.push_str(line);
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_nested_takes_lines_and_a_list_of_numbers_takes_one() {
        let value = json!({ "a\"": [1, 2], "b": [{ "c": null }, []], "d": {}, "e": [] });
        let expected = "{\n  \"a\\\"\": [1,2],\n  \"b\": [\n    {\n      \"c\": null\n    },\n    []\n  ],\n  \"d\": {},\n  \"e\": []\n}\n";
        assert_eq!(text(&value), expected);
        assert_eq!(serde_json::from_str::<Value>(expected).unwrap(), value);
    }
}
