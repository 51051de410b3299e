//! The typefaces that stand in the program (Noto Sans, OFL-1.1; licence beside them), once: the touchscreen draws with
//! them, and pages are given them, so that text looks the same on a machine without a Chinese font. Of a font only the
//! pages of memory that somebody reads are ever loaded.

// Statics, for a constant of 4 MB is copied into the program wherever it is named.

/// Simplified Chinese, and everything else but Hangul.
pub static REGULAR: &[u8] = include_bytes!("../assets/fonts/NotoSansSC-Regular.ttf");
pub static MEDIUM: &[u8] = include_bytes!("../assets/fonts/NotoSansSC-Medium.ttf");
/// What readers of traditional Chinese write otherwise.
pub static TRADITIONAL_REGULAR: &[u8] = include_bytes!("../assets/fonts/NotoSansTC-Regular.ttf");
pub static TRADITIONAL_MEDIUM: &[u8] = include_bytes!("../assets/fonts/NotoSansTC-Medium.ttf");
/// What readers of Japanese write otherwise.
pub static JAPANESE_REGULAR: &[u8] = include_bytes!("../assets/fonts/NotoSansJP-Regular.ttf");
pub static JAPANESE_MEDIUM: &[u8] = include_bytes!("../assets/fonts/NotoSansJP-Medium.ttf");
/// Hangul.
pub static KOREAN_REGULAR: &[u8] = include_bytes!("../assets/fonts/NotoSansKR-Regular.ttf");
pub static KOREAN_MEDIUM: &[u8] = include_bytes!("../assets/fonts/NotoSansKR-Medium.ttf");
/// Material Symbols.
pub static ICONS: &[u8] = include_bytes!("../assets/fonts/icons.ttf");
