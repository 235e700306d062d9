//! Policies to begin with.

use super::file::SHIPPED;

/// A policy to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Look at everything, change nothing.
    ReadOnly,
    /// Reads of common services run, everything else is asked; what is shipped.
    Guarded,
    /// For an account that may be lost: agents look and build freely.
    Sandbox,
}

impl Preset {
    /// All of them, the strictest first.
    pub const ALL: [Self; 3] = [Self::ReadOnly, Self::Guarded, Self::Sandbox];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Guarded => "guarded",
            Self::Sandbox => "sandbox",
        }
    }

    /// The file.
    pub const fn text(self) -> &'static str {
        match self {
            Self::ReadOnly => include_str!("../../assets/policies/read-only.yaml"),
            Self::Guarded => SHIPPED,
            Self::Sandbox => include_str!("../../assets/policies/sandbox.yaml"),
        }
    }

    /// The preset of that name.
    ///
    /// # Errors
    /// Which there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|preset| preset.name() == name).ok_or_else(|| format!("there are {}", known()))
    }
}
