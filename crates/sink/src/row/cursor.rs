/// The rest of a datum that is not read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    datum: &'a [u8],
    rest: &'a [u8],
}

/// Why a value can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Ends,
    Malformed,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(datum: &'a [u8]) -> Self {
        Self { datum, rest: datum }
    }

    pub(super) fn at(datum: &'a [u8], offset: usize) -> Self {
        Self { datum, rest: datum.get(offset..).unwrap_or_default() }
    }

    pub(super) fn offset(&self) -> usize {
        self.datum.len() - self.rest.len()
    }

    pub(super) fn rest(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(Fault::Ends)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        self.bytes(1)?.first().copied().ok_or(Fault::Ends)
    }

    /// A whole number: zigzag, seven bits a byte, the lowest first; at most ten bytes, which hold 64 bits.
    pub(super) fn long(&mut self) -> Result<i64, Fault> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(Fault::Malformed);
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err(Fault::Malformed)
    }

    /// Bytes behind their length.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], Fault> {
        let length = usize::try_from(self.long()?).map_err(|_| Fault::Malformed)?;
        self.bytes(length)
    }

    /// The number of items in a list's next block; 0 ends the list. A negative count is followed by the block's length.
    pub(super) fn block(&mut self) -> Result<u64, Fault> {
        let count = self.long()?;
        if count < 0 {
            u64::try_from(self.long()?).map_err(|_| Fault::Malformed)?;
        }
        Ok(count.unsigned_abs())
    }
}
