/// What a destination gets of one record beside its topic, key and fields, for people. No secret stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Headers: names and values, in their order.
    pub headers: Vec<(String, String)>,
    /// How the record gets to its place: words such as `folder` or `statement`, each with what it is.
    pub written: Vec<(&'static str, String)>,
}
