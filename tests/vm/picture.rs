//! What a screen shows, as qemu gives it: a PPM file with three bytes a pixel.

use std::fs;
use std::path::Path;

pub struct Picture {
    pub size: [u32; 2],
    /// Red, green, blue; row by row.
    pub pixels: Vec<u8>,
}

impl Picture {
    pub fn read(file: &Path) -> Self {
        let bytes = fs::read(file).unwrap();
        // "P6\n800 480\n255\n", then the pixels.
        let mut at = 0;
        let mut word = || {
            let rest = &bytes[at..];
            let end = rest.iter().position(u8::is_ascii_whitespace).expect("a header of four words");
            at += end + 1;
            std::str::from_utf8(&rest[..end]).unwrap()
        };
        assert_eq!(word(), "P6");
        let size = [word().parse().unwrap(), word().parse().unwrap()];
        assert_eq!(word(), "255");
        let pixels = bytes[at..].to_vec();
        assert_eq!(pixels.len(), (size[0] * size[1] * 3) as usize);
        Picture { size, pixels }
    }

    /// Whether nothing is on it: one colour.
    pub fn is_blank(&self) -> bool {
        self.pixels.chunks_exact(3).all(|pixel| pixel == &self.pixels[..3])
    }
}
