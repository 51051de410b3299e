//! The typefaces that stand in the program (Noto Sans SC, OFL-1.1; licence beside them), once: the touchscreen draws with
//! them, and pages are given them, so that text looks the same on a machine without a Chinese font.

// Statics, for a constant of 3.6 MB is copied into the program wherever it is named.
pub static REGULAR: &[u8] = include_bytes!("../assets/fonts/NotoSansSC-Regular.ttf");
pub static MEDIUM: &[u8] = include_bytes!("../assets/fonts/NotoSansSC-Medium.ttf");
