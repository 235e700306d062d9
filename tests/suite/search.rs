//! How well search answers, over all operations.

use countersign::catalog::search::Searcher;
use countersign::models::Store;
use serde_json::Value;

/// Queries with the operations that answer them; handed out beside the project, and not everywhere present.
const PUBLIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/search_public.json");

/// Our own queries.
const OWN: &str = include_str!("search_own.txt");

/// Share of the queries whose first hit, and whose first five hits, hold an answer: what was reached last.
const PUBLIC_REACHED: (f64, f64) = (0.98, 1.0);
const OWN_REACHED: (f64, f64) = (0.98, 0.995);

struct Row {
    query: String,
    hint: Option<String>,
    expected: Vec<String>,
}

/// Shares of the rows answered first, and within the first five; tells the others.
fn measure(searcher: &Searcher, rows: &[Row]) -> (f64, f64) {
    let (mut first, mut five) = (0, 0);
    for row in rows {
        let hits = searcher.search(&row.query, row.hint.as_deref(), 50);
        let names: Vec<_> = hits.iter().map(|hit| format!("{}:{}", hit.service, hit.operation)).collect();
        let rank = names.iter().position(|name| row.expected.contains(name));
        first += usize::from(rank == Some(0));
        five += usize::from(rank.is_some_and(|rank| rank < 5));
        if rank != Some(0) {
            let told = hits.iter().take(5).map(|hit| format!("{}:{} {:.2}", hit.service, hit.operation, hit.score));
            let told: Vec<_> = told.collect();
            println!("{:?} {rank:?} {} {}", row.query, row.expected[0], told.join(", "));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some hundred rows")]
    let share = |count: usize| count as f64 / rows.len() as f64;
    println!("recall@1 {:.3}, recall@5 {:.3} over {} queries", share(first), share(five), rows.len());
    (share(first), share(five))
}

#[test]
fn public_queries_are_answered() {
    let Ok(text) = std::fs::read_to_string(PUBLIC) else {
        println!("left out: {PUBLIC} is not there");
        return;
    };
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| Row {
            query: text(&row["query"]),
            hint: row.get("serviceHint").map(text),
            expected: row["expected"].as_array().unwrap().iter().map(text).collect(),
        })
        .collect();
    let store = Store::embedded();
    let reached = measure(&Searcher::new(store.index().unwrap()), &rows);
    assert!(reached.0 >= PUBLIC_REACHED.0 && reached.1 >= PUBLIC_REACHED.1, "{reached:?}");
}

#[test]
fn our_own_queries_are_answered() {
    let store = Store::embedded();
    let index = store.index().unwrap();
    let rows = OWN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let (query, expected) = line.rsplit_once(" = ").unwrap();
        let (query, hint) = match query.split_once(" @") {
            Some((query, hint)) => (query, Some(hint.to_owned())),
            None => (query, None),
        };
        let expected: Vec<_> = expected.split(' ').map(str::to_owned).collect();
        for name in &expected {
            let (service, operation) = name.split_once(':').unwrap();
            assert!(index.operation(index.service(service).unwrap(), operation).is_some(), "{name}");
        }
        Row { query: query.to_owned(), hint, expected }
    });
    let reached = measure(&Searcher::new(index), &rows.collect::<Vec<_>>());
    assert!(reached.0 >= OWN_REACHED.0 && reached.1 >= OWN_REACHED.1, "{reached:?}");
}

/// The assets name services and operations; a name that is none would be silently idle.
#[test]
fn every_name_in_the_assets_exists() {
    const SERVICES: &str = include_str!("../../assets/search/services.txt");
    const PHRASES: &str = include_str!("../../assets/search/phrases.txt");
    const WORDS: &str = include_str!("../../assets/search/words.txt");
    let store = Store::embedded();
    let index = store.index().unwrap();
    let lines = |text: &'static str| text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut wrong = Vec::new();
    for line in lines(SERVICES) {
        let name = line.split([' ', ':']).next().unwrap();
        wrong.extend(index.service(name).is_none().then_some(name));
    }
    for line in lines(PHRASES) {
        let (name, _) = line.split_once(": ").unwrap();
        let (service, operation) = name.split_once(':').unwrap();
        let found = index.service(service).and_then(|service| index.operation(service, operation));
        wrong.extend(found.is_none().then_some(name));
    }
    for word in lines(WORDS).flat_map(str::split_whitespace) {
        if let Some(service) = word.strip_prefix('@').and_then(|word| word.split('*').next()) {
            wrong.extend(index.service(service).is_none().then_some(service));
        }
    }
    assert_eq!(wrong, Vec::<&str>::new());
}
