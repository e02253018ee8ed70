//! Figures by area and the people behind them, read only.
