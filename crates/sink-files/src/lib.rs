//! Delivers records as Avro object container files; one manifest rename is one commit.
