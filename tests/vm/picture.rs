//! A picture, pixel by pixel: what a screen shows (qemu's PPM), what the kiosk has drawn, or what was looked at by a person (PNG).

use lobbyd::board::Frame;
use std::fs;
use std::io::BufReader;
use std::path::Path;

#[derive(PartialEq, Eq)]
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

    /// A picture of tests/golden.
    pub fn golden(name: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).with_extension("png");
        let mut decoder = png::Decoder::new(BufReader::new(fs::File::open(&file).unwrap()));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        if info.color_type == png::ColorType::Rgba {
            pixels = pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        }
        assert_eq!(pixels.len(), (info.width * info.height * 3) as usize, "{} is no RGB", file.display());
        Picture { size: [info.width, info.height], pixels }
    }

    /// What the kiosk has drawn.
    pub fn drawn(frame: &Frame) -> Self {
        let size = frame.bounds().size;
        let pixels = frame.pixels().iter().flat_map(|pixel| {
            let [_, red, green, blue] = pixel.to_be_bytes();
            [red, green, blue]
        });
        Picture { size: [size.width, size.height], pixels: pixels.collect() }
    }

    /// As a person sees it before whom the panel hangs on its side, a quarter turn clockwise.
    pub fn seen_lying(&self) -> Self {
        let [width, height] = self.size;
        // The picture's upper left is the panel's lower left.
        let pixel = |x: u32, y: u32| {
            let at = (((height - 1 - x) * width + y) * 3) as usize;
            [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
        };
        let pixels = (0..width).flat_map(|y| (0..height).flat_map(move |x| pixel(x, y)));
        Picture { size: [height, width], pixels: pixels.collect() }
    }

    /// Whether it is a console with a few lines: something on black, and more than its cursor.
    pub fn is_text(&self) -> bool {
        const CURSOR: usize = 8 * 16;
        let lit = self.pixels.chunks_exact(3).filter(|pixel| **pixel != [0, 0, 0]).count();
        (CURSOR + 1..self.pixels.len() / 3 / 10).contains(&lit)
    }

    /// How many pixels differ from this one's.
    pub fn differs(&self, other: &Picture) -> usize {
        assert_eq!(self.size, other.size);
        let pairs = self.pixels.chunks_exact(3).zip(other.pixels.chunks_exact(3));
        pairs.filter(|(one, other)| one != other).count()
    }

    /// Where a person can look at it.
    pub fn write(&self, file: &Path) {
        let mut bytes = format!("P6\n{} {}\n255\n", self.size[0], self.size[1]).into_bytes();
        bytes.extend(&self.pixels);
        fs::write(file, bytes).unwrap();
    }
}
