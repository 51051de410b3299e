//! The binary: everything is in the library.

fn main() -> std::process::ExitCode {
    lobbyd::cli::main()
}
