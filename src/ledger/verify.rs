//! Checking a whole ledger: the chain first, event by event; then that approvals, calls and switches are what the
//! chain amounts to. What is cut off at the end shows against the recorded head; who also moves the head back, and
//! redoes every row that hung on what was cut, is found only by a head signed and kept elsewhere.

use std::collections::HashMap;

use sqlx::{Connection as _, FromRow as _, Row as _};

use super::rows::{self, ApprovalColumns, EventColumns, call_columns, event_columns, select_approvals};
use super::sqlite::{Conn, Row};
use super::{LedgerError, policies, read, state};
use crate::approval::Trail;
use crate::audit::filter::search_text;
use crate::audit::{Broken, Head};
use crate::base::{ApprovalId, Digest};

/// Rows read at a time.
const PAGE: i64 = 1000;

/// A ledger that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Events walked.
    pub events: i64,
    /// Hash of the last one.
    pub head: Digest,
    /// Approvals checked.
    pub approvals: u64,
    /// Calls checked.
    pub calls: u64,
}

/// Checks everything, as of one moment.
pub(super) async fn verify(conn: &mut Conn) -> Result<Verified, LedgerError> {
    let mut tx = conn.begin().await?;
    let recorded = read::head(&mut tx).await?;
    let (head, trails) = chain(&mut tx).await?;
    if head.seq < recorded.seq {
        return Err(Broken::at(head.seq.saturating_add(1), format!("missing, up to event {}", recorded.seq)).into());
    }
    if head != recorded {
        return Err(Broken::at(head.seq, "the chain does not end where it was left").into());
    }
    let approvals = approvals(&mut tx, trails).await?;
    let calls = calls(&mut tx).await?;
    state::check_all(&mut tx).await?;
    policies::check_all(&mut tx).await?;
    Ok(Verified { events: head.seq, head: head.hash, approvals, calls })
}

/// Walks the chain; gives its end and where each approval stands by it, with the event that says so.
async fn chain(conn: &mut Conn) -> Result<(Head, HashMap<ApprovalId, (Trail, i64)>), LedgerError> {
    let sql = concat!("SELECT ", event_columns!(), " FROM events WHERE seq > $1 ORDER BY seq LIMIT $2");
    let mut head = Head::START;
    let mut trails: HashMap<ApprovalId, (Trail, i64)> = HashMap::new();
    let mut after = i64::MIN;
    loop {
        let page = sqlx::query(sql).bind(after).bind(PAGE).fetch_all(&mut *conn).await?;
        if page.is_empty() {
            return Ok((head, trails));
        }
        for row in &page {
            let columns = EventColumns::from_row(row)
                .map_err(|error| Broken::at(head.seq.saturating_add(1), format!("cannot be read: {error}")))?;
            after = columns.seq;
            let event = columns.read()?;
            head = head.follow(&event)?;
            let Some(id) = event.event.approval else { continue };
            let before = trails.get(&id).copied();
            let trail = Trail::follow(before.map(|(trail, _)| trail), event.event.kind)
                .map_err(|what| Broken::at(event.seq, format!("approval {id}: {what}")))?;
            match (before, trail) {
                (Some((old, _)), Some(trail)) if old == trail => {}
                (_, Some(trail)) => drop(trails.insert(id, (trail, event.seq))),
                (_, None) => {}
            }
        }
    }
}

/// Checks that the approvals in the table are those of the chain, and stand where it says.
async fn approvals(conn: &mut Conn, mut trails: HashMap<ApprovalId, (Trail, i64)>) -> Result<u64, LedgerError> {
    let mut checked = 0;
    let mut after = String::new();
    loop {
        let sql = select_approvals!("WHERE a.id > $1 ORDER BY a.id LIMIT $2");
        let page: Vec<ApprovalColumns> =
            sqlx::query_as(sql).bind(&after).bind(PAGE).fetch_all(&mut *conn).await.map_err(unreadable)?;
        if page.is_empty() {
            break;
        }
        for columns in page {
            let last_seq = columns.last_seq;
            let approval = columns.read()?;
            after = approval.id.as_str().to_owned();
            let wrong = |what: &str| Broken::at(last_seq, format!("approval {}: {what}", approval.id));
            let (trail, _) = trails.remove(&approval.id).ok_or_else(|| wrong("no event asks for it"))?;
            if !trail.agrees(&approval.state) {
                return Err(
                    wrong(&format!("it is {}, its events say it {}", approval.state.name(), trail.name())).into()
                );
            }
            checked += 1;
        }
    }
    match trails.iter().map(|(id, (_, seq))| (*seq, id)).min() {
        Some((seq, id)) => Err(Broken::at(seq, format!("approval {id} is missing")).into()),
        None => Ok(checked),
    }
}

/// Checks that every call that came in has its row, and that every row is what was recorded.
async fn calls(conn: &mut Conn) -> Result<u64, LedgerError> {
    let missing: Option<i64> = sqlx::query_scalar(
        "SELECT MIN(e.seq) FROM events e WHERE e.kind = 'received' AND e.tx IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.tx = e.tx)",
    )
    .fetch_one(&mut *conn)
    .await?;
    if let Some(seq) = missing {
        return Err(Broken::at(seq, "the row of its call is missing").into());
    }
    let sql = concat!(
        "SELECT ",
        call_columns!(),
        ", first_seq, search, seal, (SELECT e.hash FROM events e WHERE e.seq = calls.last_seq) AS last_hash \
         FROM calls WHERE first_seq > $1 ORDER BY first_seq LIMIT $2"
    );
    let mut checked = 0;
    let mut after = i64::MIN;
    loop {
        let page = sqlx::query(sql).bind(after).bind(PAGE).fetch_all(&mut *conn).await?;
        if page.is_empty() {
            return Ok(checked);
        }
        for row in &page {
            after = row.try_get("first_seq").map_err(unreadable)?;
            call(row, after)?;
            checked += 1;
        }
    }
}

fn call(row: &Row, seq: i64) -> Result<(), LedgerError> {
    let call = rows::call(row).map_err(|error| Broken::at(seq, error.to_string()))?;
    let wrong = || Broken::at(seq, format!("the row of call {} is not what was recorded", call.tx));
    let search: String = row.try_get("search").map_err(unreadable)?;
    let seal: String = row.try_get("seal").map_err(unreadable)?;
    let last: Option<String> = row.try_get("last_hash").map_err(unreadable)?;
    let last = last.as_deref().and_then(Digest::parse).ok_or_else(wrong)?;
    if search != search_text(&call) || seal != rows::seal("call", &(seq, &call), last)? {
        return Err(wrong().into());
    }
    Ok(())
}

/// A column that holds something of another type was changed by hand.
fn unreadable(error: sqlx::Error) -> LedgerError {
    match error {
        sqlx::Error::ColumnDecode { .. } => Broken::at(0, format!("a column cannot be read: {error}")).into(),
        error => error.into(),
    }
}
