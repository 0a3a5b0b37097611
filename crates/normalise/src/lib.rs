//! A Rokt Calendar event: bytes in, one Avro record or one dead letter out. Pure.
