//! The screens. Drawing takes the model as it is and gives back what was put where: it changes nothing.

mod approvals;
mod audit;
mod canvas;
mod empty;
mod footer;
mod grants;
mod header;
mod help;
mod list;
mod policy;
mod review;
mod screen;
mod text;

pub use screen::draw;
