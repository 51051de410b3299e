//! The typefaces (Noto Sans, OFL-1.1; licence beside them), once: the touchscreen draws with them, and pages are given
//! them, so that text looks the same on a machine without a Chinese font. With the feature `fonts` they stand in the
//! program, and nothing needs to be installed; the Debian package has them as files, or the program would be twice its size.
//! Either way, of a font only the pages of memory that somebody reads are ever loaded.

/// One file of a typeface.
pub struct Font {
    #[cfg(feature = "fonts")]
    bytes: &'static [u8],
    #[cfg(not(feature = "fonts"))]
    file: installed::File,
}

#[cfg(feature = "fonts")]
macro_rules! font {
    ($name:literal) => {
        Font {
            bytes: {
                // A static, for a constant of 4 MB is copied into the program wherever it is named.
                static BYTES: &[u8; include_bytes!(concat!("../assets/fonts/", $name)).len()] =
                    include_bytes!(concat!("../assets/fonts/", $name));
                BYTES
            },
        }
    };
}

#[cfg(not(feature = "fonts"))]
macro_rules! font {
    ($name:literal) => {
        Font { file: installed::File::new($name) }
    };
}

/// Simplified Chinese, and everything else but Hangul.
pub static REGULAR: Font = font!("NotoSansSC-Regular.ttf");
pub static MEDIUM: Font = font!("NotoSansSC-Medium.ttf");
/// What readers of traditional Chinese write otherwise.
pub static TRADITIONAL_REGULAR: Font = font!("NotoSansTC-Regular.ttf");
pub static TRADITIONAL_MEDIUM: Font = font!("NotoSansTC-Medium.ttf");
/// What readers of Japanese write otherwise.
pub static JAPANESE_REGULAR: Font = font!("NotoSansJP-Regular.ttf");
pub static JAPANESE_MEDIUM: Font = font!("NotoSansJP-Medium.ttf");
/// Hangul.
pub static KOREAN_REGULAR: Font = font!("NotoSansKR-Regular.ttf");
pub static KOREAN_MEDIUM: Font = font!("NotoSansKR-Medium.ttf");
/// Material Symbols.
pub static ICONS: Font = font!("icons.ttf");

#[cfg(not(feature = "fonts"))]
static ALL: [&Font; 9] = [
    &REGULAR,
    &MEDIUM,
    &TRADITIONAL_REGULAR,
    &TRADITIONAL_MEDIUM,
    &JAPANESE_REGULAR,
    &JAPANESE_MEDIUM,
    &KOREAN_REGULAR,
    &KOREAN_MEDIUM,
    &ICONS,
];

/// A font's file is not where the package puts it.
#[derive(Debug, thiserror::Error)]
#[error("{file} cannot be read ({fault}): install the package lobbyd again")]
pub struct Missing {
    file: String,
    fault: std::io::Error,
}

/// Makes sure that all fonts are there, before the first is drawn with: a program calls it once, at its start.
///
/// # Errors
/// Where the fonts are files, with the first that is missing.
pub fn load() -> Result<(), Missing> {
    #[cfg(not(feature = "fonts"))]
    for font in ALL {
        font.file.bytes().map_err(|fault| Missing { file: font.file.path(), fault })?;
    }
    Ok(())
}

impl Font {
    /// The file's content.
    #[cfg(feature = "fonts")]
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The file's content.
    ///
    /// # Panics
    /// Where [`load`] was not asked before, and the file is missing.
    #[cfg(not(feature = "fonts"))]
    pub fn bytes(&self) -> &'static [u8] {
        self.file.bytes().expect("load() has found every font")
    }
}

#[cfg(not(feature = "fonts"))]
mod installed {
    use std::io;
    use std::os::fd::AsRawFd;
    use std::sync::OnceLock;

    /// Where the package puts them.
    const FOLDER: &str = "/usr/share/lobbyd/fonts";

    pub struct File {
        name: &'static str,
        mapped: OnceLock<&'static [u8]>,
    }

    impl File {
        pub const fn new(name: &'static str) -> Self {
            File { name, mapped: OnceLock::new() }
        }

        pub fn path(&self) -> String {
            format!("{FOLDER}/{}", self.name)
        }

        pub fn bytes(&self) -> io::Result<&'static [u8]> {
            if let Some(bytes) = self.mapped.get() {
                return Ok(bytes);
            }
            let bytes = map(&self.path())?;
            Ok(self.mapped.get_or_init(|| bytes))
        }
    }

    /// The file as memory, for as long as the program lives.
    fn map(path: &str) -> io::Result<&'static [u8]> {
        let file = std::fs::File::open(path)?;
        let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        // SAFETY: a new mapping at an address of the kernel's choice, only for reading. An upgrade puts a new file in the old
        // one's place and leaves the old one as it is; nothing else writes here. It is never unmapped.
        unsafe {
            let start =
                libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0);
            if start == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            Ok(std::slice::from_raw_parts(start.cast::<u8>(), length))
        }
    }
}
