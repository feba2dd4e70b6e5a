//! Two programs from one file: compiled for wasm32 it is the app, natively the `manchette` command.

#[cfg(target_arch = "wasm32")]
fn main() {
    manchette::client::boot();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    manchette::press::run()
}
