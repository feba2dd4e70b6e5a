//! Two programs from one file: compiled for wasm32 it is the app, natively the `manchette` command.
//! Only what a program has that a library can't have is here: its start, and its allocator.

/// A page is some thousand small pieces, made and dropped by every thread at once: the system's
/// allocator takes a quarter of the time for that, this one a twentieth.
#[cfg(not(target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(target_arch = "wasm32")]
fn main() {
    manchette::client::boot();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    manchette::press::run()
}
