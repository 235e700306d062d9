//! The list of calls: which, in what order, from where.

use sqlx::QueryBuilder;
use sqlx::Row as _;

use super::LedgerError;
use super::rows::{self, call_columns};
use super::sqlite::{Conn, Db};
use crate::audit::filter::like_escaped;
use crate::audit::{CallRow, Filter, Pattern};
use crate::base::TxId;

/// Which calls are wanted; newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallQuery {
    /// Which.
    pub filter: Filter,
    /// Only those that came in before this call.
    pub before: Option<TxId>,
    /// How many of these to leave out.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

impl Default for CallQuery {
    /// The newest 100.
    fn default() -> Self {
        Self { filter: Filter::default(), before: None, offset: 0, limit: 100 }
    }
}

/// The calls a query selects.
pub(super) async fn calls(conn: &mut Conn, wanted: &CallQuery) -> Result<Vec<CallRow>, LedgerError> {
    let mut sql = QueryBuilder::new(concat!("SELECT ", call_columns!(), " FROM calls WHERE 1 = 1"));
    narrow(&mut sql, &wanted.filter);
    if let Some(tx) = &wanted.before {
        sql.push(" AND first_seq < (SELECT first_seq FROM calls WHERE tx = ")
            .push_bind(tx.as_str().to_owned())
            .push(")");
    }
    sql.push(" ORDER BY first_seq DESC LIMIT ").push_bind(i64::from(wanted.limit));
    sql.push(" OFFSET ").push_bind(i64::from(wanted.offset));
    sql.build().fetch_all(conn).await?.iter().map(rows::call).collect()
}

/// How many calls a filter selects.
pub(super) async fn count(conn: &mut Conn, filter: &Filter) -> Result<i64, LedgerError> {
    let mut sql = QueryBuilder::new("SELECT COUNT(*) FROM calls WHERE 1 = 1");
    narrow(&mut sql, filter);
    Ok(sql.build().fetch_one(conn).await?.try_get(0)?)
}

/// The conditions of a filter; they say what [`Filter::matches`] says.
fn narrow(sql: &mut QueryBuilder<Db>, filter: &Filter) {
    like(sql, "service", &filter.service);
    like(sql, "operation", &filter.operation);
    like(sql, "agent", &filter.agent);
    like(sql, "region", &filter.region);
    like(sql, "tool", &filter.tool);
    like(sql, "target", &filter.target);
    like(sql, "error", &filter.error);
    one_of(sql, "verdict", filter.verdict.iter().map(|verdict| verdict.as_str()));
    one_of(sql, "risk", filter.risk.iter().map(|risk| risk.as_str()));
    one_of(sql, "outcome", filter.outcome.iter().map(|outcome| outcome.as_str()));
    if let Some(since) = filter.since {
        sql.push(" AND at >= ").push_bind(since.as_millis());
    }
    if let Some(until) = filter.until {
        sql.push(" AND at < ").push_bind(until.as_millis());
    }
    for text in &filter.text {
        sql.push(" AND search LIKE ").push_bind(format!("%{}%", like_escaped(text))).push(r" ESCAPE '\'");
    }
}

fn like(sql: &mut QueryBuilder<Db>, column: &str, patterns: &[Pattern]) {
    for (index, pattern) in patterns.iter().enumerate() {
        sql.push(if index == 0 { " AND (" } else { " OR " });
        sql.push("lower(").push(column).push(") LIKE ").push_bind(pattern.like()).push(r" ESCAPE '\'");
    }
    if !patterns.is_empty() {
        sql.push(")");
    }
}

fn one_of(sql: &mut QueryBuilder<Db>, column: &str, names: impl Iterator<Item = &'static str>) {
    let mut begun = false;
    for name in names {
        sql.push(if begun { ", " } else { " AND " });
        if !begun {
            sql.push(column).push(" IN (");
        }
        sql.push_bind(name);
        begun = true;
    }
    if begun {
        sql.push(")");
    }
}
