//! Figures by area and what is behind them, each test in its own database.

mod boards;
mod counted_forms;
mod exchange;
mod former;
mod forms;
mod kept;
mod scenarios;
mod support;
