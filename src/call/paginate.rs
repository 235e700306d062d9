//! The pages of one read gathered into one output: which page to ask for next, when to stop, and where another
//! call would go on. Nothing here sends anything.

mod merge;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use self::merge::{Place, at, at_mut, merge, remove, uncount};
use super::CallError;
use super::expression::Expression;
use super::shape::size_of;
use crate::base::Digest;
use crate::smithy::Paginator;

/// Most items a call may ask for.
pub const MAX_ITEMS: u64 = 10_000;
/// Most pages of one call.
pub const MAX_PAGES: usize = 1_000;
/// Characters of JSON text that are gathered before a call stops.
pub const MAX_CHARACTERS: usize = 32 << 20;

/// The pages of one call.
///
/// Items are counted over the first result key that a page has any of; a whole page of a map or of a text is
/// never cut, a list is, between items.
#[derive(Debug, Clone, PartialEq)]
pub struct Pages {
    /// Input member that takes a token, and the expression that yields it.
    tokens: Vec<(String, Expression)>,
    /// Places of the items.
    places: Vec<Vec<String>>,
    /// The model names no items: all lists of the output are.
    all_lists: bool,
    more: Option<Expression>,
    limit: Option<String>,
    payload: Arc<Value>,
    max_items: usize,
    /// Items at the beginning of the first page that the caller has already.
    skip: usize,
    /// The token members of the page that is being asked for; `null` for those to leave out.
    asked: Map<String, Value>,
    seen: HashSet<Digest>,
    gathered: Option<Value>,
    characters: usize,
    pages: usize,
    items: usize,
    next: Option<Value>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    /// The outputs of all pages as one.
    pub output: Value,
    /// Number of pages.
    pub pages: usize,
    /// Number of items.
    pub items: usize,
    /// Where to go on, if it stopped before the end: `payload` has the members to set, `skip` is the next call's
    /// `paginate.skip`, where it stopped within a page, `because` tells what stopped it.
    pub next: Option<Value>,
}

impl Pages {
    /// Pages of a call with this payload, up to so many items (one at least) after those to skip.
    ///
    /// # Errors
    /// `Internal` when the model's paginator cannot be used.
    pub fn new(paginator: &Paginator, payload: Arc<Value>, max_items: usize, skip: usize) -> Result<Self, CallError> {
        let unfit = |problem: String| CallError::new("Internal", format!("the model's paginator is unfit: {problem}"));
        let read = |text: &String| Expression::parse(text).map_err(unfit);
        if paginator.input_token.is_empty() || paginator.input_token.len() != paginator.output_token.len() {
            return Err(unfit("it does not name a token of the input for each of the output".to_owned()));
        }
        let outputs = paginator.output_token.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut places = Vec::new();
        for key in &paginator.result_key {
            let place = read(key)?.place().map(<[String]>::to_vec);
            places.push(place.ok_or_else(|| unfit(format!("the items at `{key}` have no place of their own")))?);
        }
        Ok(Self {
            tokens: paginator.input_token.iter().cloned().zip(outputs).collect(),
            all_lists: places.is_empty(),
            places,
            more: paginator.more_results.as_ref().map(read).transpose()?,
            limit: paginator.limit_key.clone(),
            payload,
            max_items: max_items.max(1),
            skip,
            asked: Map::new(),
            seen: HashSet::new(),
            gathered: None,
            characters: 0,
            pages: 0,
            items: 0,
            next: None,
        })
    }

    /// Items asked for at most.
    pub const fn max_items(&self) -> usize {
        self.max_items
    }

    /// Pages and items so far.
    pub const fn so_far(&self) -> (usize, usize) {
        (self.pages, self.items)
    }

    /// The payload of the page to ask for.
    pub fn payload(&self) -> Arc<Value> {
        let mut payload = Arc::clone(&self.payload);
        if let (false, Value::Object(members)) = (self.asked.is_empty(), Arc::make_mut(&mut payload)) {
            for (name, token) in &self.asked {
                if token.is_null() {
                    members.shift_remove(name);
                } else {
                    members.insert(name.clone(), token.clone());
                }
            }
        }
        payload
    }

    /// Takes in the page that was asked for; tells whether there is another one to ask for.
    ///
    /// # Errors
    /// `ServiceError` when the service sends a token that it has sent before: it would go on for ever.
    pub fn absorb(&mut self, mut page: Value) -> Result<bool, CallError> {
        if self.pages == 0 {
            self.asked_already();
        }
        self.pages += 1;
        self.characters = self.characters.saturating_add(size_of(&page));
        if self.all_lists {
            self.name_lists(&page);
        }
        let tokens = self.tokens_after(&page);
        let repeated = tokens.as_ref().is_some_and(|tokens| !self.seen.insert(digest(tokens)));
        let places: Vec<Place<'_>> = self.places.iter().map(Vec::as_slice).collect();
        let skip = if self.pages == 1 { self.skip } else { 0 };
        let cut = Cut::make(&mut page, &places, skip, self.max_items.saturating_sub(self.items));
        self.items = self.items.saturating_add(cut.kept);
        if cut.counted > 0 && (self.gathered.is_some() || cut.kept < cut.counted) {
            uncount(&mut page, &places, cut.counted, cut.kept, self.limit.as_deref());
        }
        match &mut self.gathered {
            Some(gathered) => merge(gathered, page, &places),
            none => *none = Some(page),
        }
        if repeated {
            return Err(self.repeats());
        }
        if cut.rest {
            // This very page is to be asked for again.
            self.next = Some(self.continuation(&self.asked, cut.skipped + cut.kept, "maxItems"));
            return Ok(false);
        }
        let Some(tokens) = tokens else { return Ok(false) };
        let full = match () {
            () if self.items >= self.max_items => Some("maxItems"),
            () if self.pages >= MAX_PAGES => Some("pages"),
            () if self.characters >= MAX_CHARACTERS => Some("size"),
            () => None,
        };
        if let Some(because) = full {
            self.next = Some(self.continuation(&tokens, 0, because));
            return Ok(false);
        }
        self.asked = tokens;
        Ok(true)
    }

    /// The end: everything that was gathered.
    pub fn finish(self) -> Gathered {
        let Self { tokens, more, gathered, pages, items, next, .. } = self;
        let mut output = gathered.unwrap_or_else(|| Value::Object(Map::new()));
        // These tell of the last page; of the whole, `next` tells.
        if pages > 1 || next.is_some() {
            let outputs = tokens.iter().map(|(_, output)| output).chain(&more);
            outputs.flat_map(Expression::alternatives).for_each(|place| remove(&mut output, &place));
        }
        Gathered { output, pages, items, next }
    }

    /// The caller may have begun in the middle: its own token counts as one that was seen.
    fn asked_already(&mut self) {
        let tokens = self.tokens.iter().map(|(input, _)| {
            let token = self.payload.get(input).cloned().unwrap_or_default();
            (input.clone(), token)
        });
        let tokens: Map<String, Value> = tokens.collect();
        if tokens.values().any(|token| !token.is_null()) {
            self.seen.insert(digest(&tokens));
        }
    }

    fn name_lists(&mut self, page: &Value) {
        for (name, value) in page.as_object().into_iter().flatten() {
            if value.is_array() && !self.places.iter().any(|place| place.first() == Some(name)) {
                self.places.push(vec![name.clone()]);
            }
        }
    }

    /// The token members of the page after this one, if there is one. As in botocore an empty token is none.
    fn tokens_after(&self, page: &Value) -> Option<Map<String, Value>> {
        if self.more.as_ref().is_some_and(|more| !more.find(page).is_some_and(|more| truthy(&more))) {
            return None;
        }
        let tokens = self.tokens.iter().map(|(input, output)| {
            let token = output.find(page).filter(|token| truthy(token));
            (input.clone(), token.map_or(Value::Null, std::borrow::Cow::into_owned))
        });
        let tokens: Map<String, Value> = tokens.collect();
        tokens.values().any(|token| !token.is_null()).then_some(tokens)
    }

    fn continuation(&self, tokens: &Map<String, Value>, skip: usize, because: &str) -> Value {
        // A member to leave out is named only where the caller has set it.
        let members = tokens.iter().filter(|(name, token)| !token.is_null() || self.payload.get(*name).is_some());
        let members: Map<String, Value> = members.map(|(name, token)| (name.clone(), token.clone())).collect();
        let mut next = json!({"payload": members, "because": because});
        if let (true, Some(next)) = (skip > 0, next.as_object_mut()) {
            next.insert("skip".into(), skip.into());
        }
        next
    }

    fn repeats(&self) -> CallError {
        let (pages, items) = self.so_far();
        CallError::new("ServiceError", format!("page {pages} ends with a token that was sent before; it would not end"))
            .hint("page by hand: set the operation's own token and limit members")
            .with("code", "RepeatedToken")
            .with("pages", pages)
            .with("items", items)
    }
}

/// How many items of a page were taken.
struct Cut {
    /// Items of the page as it came.
    counted: usize,
    skipped: usize,
    kept: usize,
    /// Whether there are more of them.
    rest: bool,
}

impl Cut {
    /// Cuts the items of a page: without the first ones, and no more than there is room for.
    fn make(page: &mut Value, places: &[Place<'_>], skip: usize, room: usize) -> Self {
        let (counted, list) = count(page, places);
        let Some(Value::Array(items)) = list.and_then(|list| at_mut(page, list)) else {
            return Self { counted, skipped: 0, kept: counted, rest: false };
        };
        let skipped = skip.min(items.len());
        items.drain(..skipped);
        let rest = items.len() > room;
        items.truncate(room);
        let kept = items.len();
        if skipped > 0 {
            // They came whole with the call before.
            for place in places.iter().filter(|place| list != Some(**place)) {
                if at(page, place).is_some_and(|value| value.is_array() || value.is_object()) {
                    remove(page, place);
                }
            }
        }
        Self { counted, skipped, kept, rest }
    }
}

/// How many items a page has, and the place of the list they stand in.
fn count<'p>(page: &Value, places: &[Place<'p>]) -> (usize, Option<Place<'p>>) {
    for place in places {
        match at(page, place) {
            Some(Value::Array(items)) if !items.is_empty() => return (items.len(), Some(place)),
            Some(Value::Object(entries)) if !entries.is_empty() => return (entries.len(), None),
            _ => {}
        }
    }
    match places {
        [place] => (usize::from(matches!(at(page, place), Some(Value::String(text)) if !text.is_empty())), None),
        _ => (0, None),
    }
}

/// Truth as JMESPath and Python have it: nothing, nought and what is empty are false.
fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

fn digest(tokens: &Map<String, Value>) -> Digest {
    Digest::of_json("countersign page tokens v1", &Value::Object(tokens.clone()))
}

#[cfg(test)]
mod tests;
