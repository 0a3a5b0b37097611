/// The page for people: one file, which reads `/status` by itself.
pub(crate) const PAGE: &str = include_str!("page.html");
