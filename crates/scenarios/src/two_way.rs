//! `two-way-2024-05`: the whole country in the month in which 61 of 63 provinces are connected with
//! the ministry's system.

pub mod people;
pub mod traffic;

/// Name of the sample.
pub const NAME: &str = "two-way-2024-05";

/// What users read.
pub const TITLE: &str = "Cả nước, 63 tỉnh, thành phố, tháng 5/2024";

/// What of its connections is published and what is drawn.
pub const NOTE: &str = "Số tỉnh theo từng cách kết nối, Khánh Hòa và Lai Châu là theo nguồn; tỉnh nào \
                        kết nối cách nào và mọi hồ sơ được chọn theo hạt giống; trường hợp A2 được \
                        giả định là một chiều đi.";
