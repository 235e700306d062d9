//! Floor 2: the `$path` grammar and what follows from it without looking at a disk: which names are secrets
//! ([`guard`]), which files of a folder are meant ([`pick`], [`ignored`]), under which keys they go up ([`keys`]), in which parts
//! ([`parts`]), and what a service takes ([`limits`]). Pure: the edge `files` reads, this decides.

pub mod guard;
pub mod ignored;
pub mod keys;
pub mod limits;
pub mod parts;
pub mod pick;
pub mod place;
pub mod refusal;
pub mod spec;

pub use guard::Guard;
pub use pick::Pick;
pub use place::Place;
pub use refusal::Refusal;
pub use spec::Spec;
