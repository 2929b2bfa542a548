//! What a customer is about to buy.
#![warn(missing_docs)]

use std::collections::HashMap;
use std::fmt::{self, Display};

use crate::shop::{clock::Clock, Item};

mod prices;

/// The most that fits.
pub const LIMIT: usize = 10;

/// Holds items.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Basket<T: Priced> {
    /// How it is called.
    pub name: String,
    items: Vec<T>,
    mode: Mode,
}

struct Point(i32, pub i32);

/// How a basket is paid.
pub enum Mode {
    Plain,
    Gift { from: String },
    #[serde(rename = "s")]
    Sale(u8),
}

/// Has a price.
pub trait Priced {
    type Money;
    fn price(&self, extras: &[i32]) -> Self::Money;
    fn free(&self) -> bool {
        false
    }
}

impl<T: Priced> Basket<T> {
    /// Makes one.
    pub fn new(name: &str, count: usize) -> Self {
        // Nothing is in it.
        Basket {
            name: name.to_string(),
            items: Vec::with_capacity(count),
            mode: Mode::Plain,
        }
    }

    /// Puts one in.
    #[inline]
    pub fn add(&mut self, item: T) -> Result<(), Error> {
        if self.items.len() >= LIMIT {
            return Err(Error::Full);
        }
        self.items.push(item);
        Ok(())
    }

    pub fn total(&self, prices: &HashMap<String, i64>, extras: &[i64]) -> i64 {
        let mut sum = 0;
        let (first, rest) = extras.split_at(1);
        for item in self.items.iter().filter(|item| item.free()) {
            sum += prices[&item.name] * first[0]; // in cents
        }
        match self.mode {
            Mode::Gift { .. } => sum = 0,
            Mode::Sale(percent) if percent > 0 => {
                sum -= discount(sum, percent);
            }
            _ => log("plain", sum),
        }
        if let Some(most) = self.most {
            sum = sum.min(most);
        } else {
            sum += 1;
        }
        println!("{} {}", self.name, sum);
        let codes = ["a", "b"];
        sum
    }
}

impl<T: Priced> Display for Basket<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}

#[cfg(unix)]
fn home() -> &'static str {
    "/home"
}

#[cfg(windows)]
fn home() -> &'static str {
    "C:/Users"
}

macro_rules! basket {
    ($($item:expr),*) => { vec![$($item),*] };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_empty() {
        assert_eq!(Basket::new("a", 1).len(), 0);
    }
}
