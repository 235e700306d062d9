//! The screens. Drawing takes the model as it is and gives back what was put where: it changes nothing.
//!
//! ```text
//!  countersign  123456789012 · default · eu-central-1      ● 2 waiting    header
//!  1 Approvals  2 Audit            assumed-role/Admin · policy 3f2a91     tabs
//!   PAUSED  everything is frozen                                          banners, while there are any
//! ────────────────────────────────────────────────────────────────────
//!  the tab
//! ── ✓ approved s3:DeleteBucket demo-logs ──────────── ↓ 14 more rows ──   what happened, where one is
//!  a approve  d deny  Space read on  Esc back                             keys
//! ```

mod approvals;
mod audit;
mod canvas;
mod empty;
mod footer;
mod header;
mod help;
mod list;
mod review;
mod screen;
mod text;

pub use screen::draw;
