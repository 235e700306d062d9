//! What an archive inflates to, whatever it is packed with: bounded, and proved to be there to its end.

use std::io::{self, BufRead as _, BufReader, Cursor, Read};

/// No archive inflates beyond this.
const LARGEST: u64 = 6 << 30;

/// Zeros at the end of every tar.
const END: u64 = 1_024;

/// The inflated bytes.
pub(super) struct Inflated<'a> {
    inner: Box<dyn Read + 'a>,
    bytes: u64,
    /// Zeros at the end of what was read so far.
    zeros: u64,
}

impl<'a> Inflated<'a> {
    /// Tells by its first bytes how a body is packed.
    pub(super) fn of(mut body: impl Read + 'a) -> Result<Self, String> {
        let mut head = Vec::new();
        body.by_ref().take(512).read_to_end(&mut head).map_err(|error| error.to_string())?;
        let is_tar = head.get(257..262) == Some(b"ustar");
        let text = String::from_utf8_lossy(&head).trim_start().to_ascii_lowercase();
        let magic: [u8; 4] = head.get(..4).and_then(|head| head.try_into().ok()).unwrap_or_default();
        let whole = BufReader::with_capacity(64 << 10, Cursor::new(head).chain(body));
        let inner: Box<dyn Read + 'a> = match magic {
            [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
            [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::Decoder::with_buffer(whole).map_err(|error| error.to_string())?),
            _ if is_tar => Box::new(whole),
            _ if text.starts_with('<') => return Err("a web page came in its place".to_owned()),
            _ if text.is_empty() => return Err("it is empty".to_owned()),
            _ => return Err("it is no tar, neither plain nor in gzip or zstd".to_owned()),
        };
        Ok(Self { inner, bytes: 0, zeros: 0 })
    }

    /// Reads what is left, so that the checks of the packing see the end too.
    pub(super) fn finish(mut self) -> Result<(), String> {
        let mut rest = BufReader::with_capacity(64 << 10, &mut self);
        loop {
            match rest.fill_buf().map(<[u8]>::len) {
                Ok(0) => break,
                Ok(read) => rest.consume(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(format!("it broke off ({error})")),
            }
        }
        if self.zeros < END { Err("it broke off before the end of the tar".to_owned()) } else { Ok(()) }
    }
}

impl Read for Inflated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        if self.bytes > LARGEST {
            return Err(io::Error::other(format!("it inflates to more than {} GB", LARGEST >> 30)));
        }
        let fresh = buffer.get(..read).unwrap_or_default();
        let zeros = fresh.iter().rev().take_while(|byte| **byte == 0).count() as u64;
        self.zeros = if zeros == read as u64 { self.zeros + zeros } else { zeros };
        Ok(read)
    }
}
