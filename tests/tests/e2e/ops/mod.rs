//! What whoever runs a fleet expects of a serious daemon: signals, a service manager that is told the truth.

mod backup;
mod dead;
mod doctor;
mod health;
mod looking;
mod package;
mod packaging;
mod roles;
mod service;
mod settings;
mod signals;
mod tls;
