//! A picture of black dots on white paper, as printers take it: one bit a dot, row by row, the left dot in the highest bit.

use crate::board::Frame;

#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    /// Rows of [`Raster::row_bytes`] bytes; what a row has beyond the width is white.
    bits: Vec<u8>,
}

impl Raster {
    /// White paper. `width` in dots, at least one.
    pub fn new(width: u32, height: u32) -> Self {
        let width = width.max(1);
        Raster { width, bits: vec![0; width.div_ceil(8) as usize * height as usize] }
    }

    /// What is darker than the middle is black: no dots that pretend to be grey, because text must be sharp.
    pub fn of(frame: &Frame) -> Self {
        let size = frame.bounds().size;
        let mut raster = Raster::new(size.width, size.height);
        for y in 0..size.height {
            for (x, pixel) in (0..).zip(frame.row(0, y, size.width)) {
                let [_, r, g, b] = pixel.to_be_bytes().map(u32::from);
                // Rec. 601 luma, times 1000.
                if 299 * r + 587 * g + 114 * b < 128_000 {
                    raster.blacken(x, y);
                }
            }
        }
        raster
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn height(&self) -> u32 {
        (self.bits.len() / self.row_bytes()) as u32
    }

    pub fn row_bytes(&self) -> usize {
        self.width.div_ceil(8) as usize
    }

    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.bits.chunks_exact(self.row_bytes())
    }

    /// A dot outside the paper is no dot.
    pub fn blacken(&mut self, x: u32, y: u32) {
        let at = y as usize * self.row_bytes() + x as usize / 8;
        if x < self.width
            && let Some(byte) = self.bits.get_mut(at)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let at = y as usize * self.row_bytes() + x as usize / 8;
        x < self.width && self.bits.get(at).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }
}

/// Never what is on it: a slip is somebody's.
impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raster({}x{})", self.width, self.height())
    }
}
