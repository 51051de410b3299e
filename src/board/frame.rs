//! The shadow buffer: XRGB8888 pixels in cached memory that everything is drawn into. Boards copy damaged rows out
//! of it, because a mapped display buffer is write-combined and slow to read.

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::pixelcolor::raw::RawU24;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use std::convert::Infallible;

pub type Color = Rgb888;

#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    size: Size,
    /// Row by row, `0x00RRGGBB`.
    pixels: Vec<u32>,
}

impl Frame {
    pub fn new(size: Size) -> Self {
        Frame { size, pixels: vec![0; size.width as usize * size.height as usize] }
    }

    pub fn bounds(&self) -> Rectangle {
        Rectangle::new(Point::zero(), self.size)
    }

    /// The pixels of row `y` from `x`, `width` long. The area must lie within [`Frame::bounds`].
    pub fn row(&self, x: u32, y: u32, width: u32) -> &[u32] {
        let start = y as usize * self.size.width as usize + x as usize;
        &self.pixels[start..start + width as usize]
    }

    pub fn row_mut(&mut self, x: u32, y: u32, width: u32) -> &mut [u32] {
        let start = y as usize * self.size.width as usize + x as usize;
        &mut self.pixels[start..start + width as usize]
    }

    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }
}

fn pack(color: Rgb888) -> u32 {
    RawU24::from(color).into_inner()
}

impl OriginDimensions for Frame {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Frame {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let (width, height) = (self.size.width as i32, self.size.height as i32);
        for Pixel(at, color) in pixels {
            if (0..width).contains(&at.x) && (0..height).contains(&at.y) {
                self.pixels[at.y as usize * width as usize + at.x as usize] = pack(color);
            }
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        let area = area.intersection(&self.bounds());
        let (x, y) = (area.top_left.x as u32, area.top_left.y as u32);
        for row in y..y + area.size.height {
            self.row_mut(x, row, area.size.width).fill(pack(color));
        }
        Ok(())
    }

    fn fill_contiguous<I: IntoIterator<Item = Rgb888>>(
        &mut self,
        area: &Rectangle,
        colors: I,
    ) -> Result<(), Infallible> {
        let visible = area.intersection(&self.bounds());
        let mut colors = colors.into_iter();
        for at in area.points() {
            let Some(color) = colors.next() else { break };
            if visible.contains(at) {
                self.row_mut(at.x as u32, at.y as u32, 1)[0] = pack(color);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawing_outside_the_frame_is_cut_off() {
        let mut frame = Frame::new(Size::new(4, 3));
        let area = Rectangle::new(Point::new(-2, 1), Size::new(4, 9));
        frame.fill_solid(&area, Rgb888::new(1, 2, 3)).unwrap();
        assert_eq!(frame.row(0, 1, 4), [0x010203, 0x010203, 0, 0]);
        assert_eq!(frame.row(0, 0, 4), [0; 4]);
        frame.fill_contiguous(&area, std::iter::repeat_n(Rgb888::new(4, 5, 6), 36)).unwrap();
        assert_eq!(frame.row(0, 2, 4), [0x040506, 0x040506, 0, 0]);
    }
}
