//! The queries of docs/consume/warehouse.md.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::warehouse::warehouse;

/// What each query of the page must say of the events sent, in the page's order.
fn answers() -> [Value; 4] {
    [
        json!([
            { "email_address": "ann@example.org", "calendars": ["My Sports Calendar"] },
            { "email_address": "cat@example.org", "calendars": ["My Sports Calendar"] },
            { "email_address": "john.smith@gmail.com", "calendars": ["My Sports Calendar"] },
        ]),
        json!([
            { "day": "2017-03-15", "utm_source": "Facebook", "utm_campaign": "2017", "subscribers": 1 },
            { "day": "2017-03-15", "utm_source": "Facebook", "utm_campaign": "Spring", "subscribers": 2 },
            { "day": "2017-03-18", "utm_source": "Facebook", "utm_campaign": "Spring", "subscribers": 1 },
            { "day": "2017-03-19", "utm_source": "Facebook", "utm_campaign": "2017", "subscribers": 1 },
        ]),
        json!([
            { "post_code": "90210", "tag": "Team G", "subscribers": 4 },
            { "post_code": "90210", "tag": "Team H", "subscribers": 2 },
        ]),
        json!([
            { "day": "Wednesday", "hour": 3, "subscribers": 2 },
            { "day": "Tuesday", "hour": 23, "subscribers": 1 },
            { "day": "Saturday", "hour": 10, "subscribers": 1 },
            { "day": "Sunday", "hour": 9, "subscribers": 1 },
        ]),
    ]
}

#[test]
fn the_queries_of_the_page_answer_its_questions() {
    let Some(warehouse) = warehouse() else { return };
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/consume/warehouse.md");
    let page = fs::read_to_string(page).unwrap();
    let queries: Vec<_> =
        page.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(queries.len(), answers().len());
    for (query, answer) in queries.iter().zip(answers()) {
        assert_eq!(Value::from(warehouse.postgres.rows(query).unwrap()), answer, "{query}");
    }
}
