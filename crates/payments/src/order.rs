//! Orders to pay: lines of approved lists handed to a provider.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The number of an order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct OrderNo(pub i64);

impl fmt::Display for OrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OrderNo {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<OrderNo, Self::Err> {
        text.parse().map(OrderNo)
    }
}
