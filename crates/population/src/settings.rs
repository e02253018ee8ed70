//! How the service is reached, and under whose names: a file of the installation, never of the project.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::Refused;

/// Settings of the connection.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address that takes both services: `https://…`, or `http://` on this machine.
    pub address: String,
    /// Code of our unit (`MaDonVi`).
    pub unit: String,
    /// Code under which our unit is admitted to the service (`MaDVC`).
    #[serde(default)]
    pub admitted_as: String,
    /// Account (`TaiKhoan`).
    #[serde(default)]
    pub account: String,
    /// Telephone number of our unit (`SoDienThoai`).
    #[serde(default)]
    pub phone: String,
    /// User of the exchange platform.
    #[serde(default)]
    pub user: String,
    /// Its secret: signs each request.
    #[serde(default)]
    pub secret: String,
    /// `X-Road-Client`.
    #[serde(default)]
    pub client: String,
    /// `ApiKey`.
    #[serde(default)]
    pub api_key: String,
    /// Requests a second at most.
    #[serde(default = "per_second")]
    pub per_second: u32,
    /// Requests under way at once at most.
    #[serde(default = "at_once")]
    pub at_once: usize,
    /// How often something is asked before an error of the service stands.
    #[serde(default = "tries")]
    pub tries: u32,
    /// Milliseconds before asking again after an error; doubled each time.
    #[serde(default = "pause_ms")]
    pub pause_ms: u64,
    /// Milliseconds an answer may take.
    #[serde(default = "patience_ms")]
    pub patience_ms: u64,
    /// Whether service 033 answers about a number alone, without a name: only then can a name that
    /// differs be told from a number nobody has.
    #[serde(default)]
    pub number_alone: bool,
    /// Days an answer counts as lately.
    #[serde(default = "lately_days")]
    pub lately_days: u16,
    /// The officers' own ids at the service, by sign-in name (`MaCanBo`).
    #[serde(default)]
    pub officers: BTreeMap<String, String>,
    /// Officers under whose id everybody due is asked about before each month's list, without a click.
    #[serde(default)]
    pub before_lists: Vec<String>,
}

const fn per_second() -> u32 {
    5
}

const fn at_once() -> usize {
    4
}

const fn tries() -> u32 {
    3
}

const fn pause_ms() -> u64 {
    500
}

const fn patience_ms() -> u64 {
    20_000
}

const fn lately_days() -> u16 {
    LATELY_DAYS
}

/// Days an answer counts as lately where no setting says otherwise.
pub const LATELY_DAYS: u16 = 30;

impl Settings {
    /// Reads the text of a settings file (TOML).
    ///
    /// # Errors
    /// [`Refused::Settings`]; nothing of the file is repeated, it holds a secret.
    pub fn read(text: &str) -> Result<Settings, Refused> {
        let read: Result<Settings, toml::de::Error> = toml::from_str(text);
        let settings = read.map_err(|_| {
            Refused::Settings("không đọc được, thiếu address hoặc unit, hoặc có mục lạ")
        })?;
        settings.checked()
    }

    /// Refuses what cannot be used.
    ///
    /// # Errors
    /// [`Refused::Settings`].
    pub fn checked(self) -> Result<Settings, Refused> {
        let wrong = |why| Err(Refused::Settings(why));
        if !kernel::peer::is_address(&self.address) {
            return wrong("address phải là https://… (hoặc http:// trên máy này)");
        }
        if !(1..=1_000).contains(&self.per_second) || !(1..=64).contains(&self.at_once) {
            return wrong("per_second phải từ 1 đến 1000, at_once từ 1 đến 64");
        }
        if !(1..=10).contains(&self.tries) || self.pause_ms > 60_000 {
            return wrong("tries phải từ 1 đến 10, pause_ms tối đa 60000");
        }
        if !(1..=120_000).contains(&self.patience_ms) {
            return wrong("patience_ms phải từ 1 đến 120000");
        }
        if self
            .before_lists
            .iter()
            .any(|name| self.officer(name).is_err())
        {
            return wrong("before_lists chỉ nêu cán bộ có mã ở mục officers");
        }
        Ok(self)
    }

    /// The officer's own id at the service.
    ///
    /// # Errors
    /// [`Refused::NoOfficerId`]: nobody asks under another's name.
    pub fn officer(&self, name: &str) -> Result<&str, Refused> {
        let known = self.officers.get(name).filter(|id| !id.trim().is_empty());
        known
            .map(String::as_str)
            .ok_or_else(|| Refused::NoOfficerId(name.to_owned()))
    }

    /// The pause before the try after so many failed ones.
    pub(crate) fn pause(&self, failed: u32) -> Duration {
        let doubled = 1_u64 << failed.saturating_sub(1).min(6);
        Duration::from_millis(self.pause_ms.saturating_mul(doubled))
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn only_safe_addresses_and_sane_limits_are_taken() {
        let read = |text: &str| Settings::read(text).is_ok();
        let rest = "\nunit = \"H51\"\n";
        assert!(read(&format!(
            "address = \"https://ndxp.example/037\"{rest}"
        )));
        assert!(read(&format!("address = \"http://127.0.0.1:9/\"{rest}")));
        for wrong in [
            "http://ndxp.example/",
            "https://a:b@ndxp.example/",
            "ndxp",
            "",
        ] {
            assert!(!read(&format!("address = \"{wrong}\"{rest}")), "{wrong}");
        }
        let address = "address = \"https://ndxp.example/\"";
        for wrong in [
            "before_lists = [\"can.bo\"]",
            "per_second = 0",
            "at_once = 0",
            "tries = 0",
            "unknown = 1",
        ] {
            assert!(!read(&format!("{address}{rest}{wrong}")), "{wrong}");
        }
        assert!(!read(address), "the unit is missing");
    }

    #[test]
    fn an_error_never_repeats_the_secret() {
        let text = "address = \"ftp://x\"\nunit = \"u\"\nsecret = \"hush\"\n";
        let told = Settings::read(text).err().expect("refused").to_string();
        assert!(!told.contains("hush"), "{told}");
        let broken = Settings::read("secret = \"hush")
            .err()
            .expect("refused")
            .to_string();
        assert!(!broken.contains("hush"), "{broken}");
    }
}
