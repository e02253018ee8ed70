//! The way of the money through the public interface, each test in its own database: from what is
//! decided to lists, from lists to orders, from orders to results, and the books of all of it.

mod books;
mod decided;
mod interface;
mod lists;
mod orders;
mod results;
mod support;
