//! A frame as a PNG file, small: the screens have few colours, so most fit a palette. The same frame gives the same
//! bytes on every machine.

use crate::board::Frame;
use std::collections::HashMap;

pub fn to_png(frame: &Frame) -> Result<Vec<u8>, png::EncodingError> {
    let size = frame.bounds().size;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let rgb = |pixel: &u32| pixel.to_be_bytes().into_iter().skip(1);
    let data: Vec<u8> = match palette(frame) {
        Some((colors, index)) => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_filter(png::Filter::NoFilter);
            encoder.set_palette(colors.iter().flat_map(rgb).collect::<Vec<u8>>());
            frame.pixels().iter().map(|pixel| index[pixel]).collect()
        }
        None => {
            encoder.set_color(png::ColorType::Rgb);
            frame.pixels().iter().flat_map(rgb).collect()
        }
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(bytes)
}

/// The colours in order of appearance and their places; `None` where they are more than the 256 of a palette.
fn palette(frame: &Frame) -> Option<(Vec<u32>, HashMap<u32, u8>)> {
    let (mut colors, mut index) = (Vec::new(), HashMap::new());
    for pixel in frame.pixels() {
        if !index.contains_key(pixel) {
            index.insert(*pixel, u8::try_from(colors.len()).ok()?);
            colors.push(*pixel);
        }
    }
    Some((colors, index))
}
