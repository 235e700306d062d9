//! Pages: what is asked for, what comes together, where it ends.

use proptest::prelude::*;

use super::*;

fn paginator(form: Value) -> Paginator {
    serde_json::from_value(form).unwrap()
}

/// Feeds pages as long as they are asked for; gives the payloads asked with and what came of it.
fn gather(form: Value, payload: Value, max: usize, pages: Vec<Value>) -> (Vec<Value>, Result<Gathered, CallError>) {
    let mut run = Pages::new(&paginator(form), Arc::new(payload), max, 0).unwrap();
    let mut asked = Vec::new();
    let mut pages = pages.into_iter();
    loop {
        asked.push(Value::clone(&run.payload()));
        match run.absorb(pages.next().expect("no more pages are asked for than there are")) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return (asked, Err(error)),
        }
    }
    assert_eq!(pages.next(), None, "all pages are asked for");
    (asked, Ok(run.finish()))
}

fn gathered(output: Value, pages: usize, items: usize, next: Option<Value>) -> Result<Gathered, CallError> {
    Ok(Gathered { output, pages, items, next })
}

fn s3() -> Value {
    json!({"input_token": ["ContinuationToken"], "output_token": ["NextContinuationToken"],
           "result_key": ["Contents", "CommonPrefixes"], "more_results": "IsTruncated", "limit_key": "MaxKeys"})
}

fn simple() -> Value {
    json!({"input_token": ["Token"], "output_token": ["Next"], "result_key": ["Items"]})
}

#[test]
fn lists_are_joined_and_what_tells_of_one_page_is_left_out() {
    let page = |contents: Value, prefixes: Value, next: Option<&str>, own: Option<&str>| {
        let count = contents.as_array().unwrap().len();
        let mut page = json!({"Name": "b", "MaxKeys": 2, "KeyCount": count, "Contents": contents,
            "CommonPrefixes": prefixes, "IsTruncated": next.is_some()});
        if let Some(next) = next {
            page["NextContinuationToken"] = next.into();
        }
        if let Some(own) = own {
            page["ContinuationToken"] = own.into();
        }
        page
    };
    let (asked, result) = gather(
        s3(),
        json!({"Bucket": "b", "MaxKeys": 2}),
        100,
        vec![
            page(json!([{"Key": "a"}, {"Key": "b"}]), json!(["x/"]), Some("1"), None),
            page(json!([]), json!(["y/"]), Some("2"), Some("1")),
            page(json!([{"Key": "c"}]), json!([]), None, Some("2")),
        ],
    );
    assert_eq!(
        asked,
        [
            json!({"Bucket": "b", "MaxKeys": 2}),
            json!({"Bucket": "b", "MaxKeys": 2, "ContinuationToken": "1"}),
            json!({"Bucket": "b", "MaxKeys": 2, "ContinuationToken": "2"}),
        ]
    );
    let output = json!({"Name": "b", "MaxKeys": 2, "Contents": [{"Key": "a"}, {"Key": "b"}, {"Key": "c"}],
                        "CommonPrefixes": ["x/", "y/"]});
    // The second page has prefixes only; they are its items.
    assert_eq!(result, gathered(output, 3, 4, None));
}

#[test]
fn a_single_page_is_left_as_it_is() {
    let page = json!({"Contents": [{"Key": "a"}], "KeyCount": 1, "IsTruncated": false});
    let (asked, result) = gather(s3(), json!({"Bucket": "b"}), 5, vec![page.clone()]);
    assert_eq!(asked, [json!({"Bucket": "b"})]);
    assert_eq!(result, gathered(page, 1, 1, None));
}

/// `(paginator, pages, output, items)`, all to the end.
#[test]
fn every_kind_of_item_comes_together() {
    let cases = [
        // Numbers among the items are summed; a token may be an object.
        (
            json!({"input_token": ["ExclusiveStartKey"], "output_token": ["LastEvaluatedKey"],
                   "result_key": ["Items", "Count", "ScannedCount"], "limit_key": "Limit"}),
            vec![
                json!({"Items": [{"a": {"N": "1"}}], "Count": 1, "ScannedCount": 7, "LastEvaluatedKey": {"a": {"N": "1"}}}),
                json!({"Items": [], "Count": 0, "ScannedCount": 9, "LastEvaluatedKey": {"a": {"N": "2"}}}),
                json!({"Items": [{"a": {"N": "3"}}], "Count": 1, "ScannedCount": 2}),
            ],
            json!({"Items": [{"a": {"N": "1"}}, {"a": {"N": "3"}}], "Count": 2, "ScannedCount": 18}),
            2,
        ),
        // Items beneath a structure.
        (
            json!({"input_token": ["Marker"], "output_token": ["List.NextMarker"], "result_key": ["List.Items"],
                   "more_results": "List.IsTruncated", "limit_key": "MaxItems"}),
            vec![
                json!({"List": {"Marker": "", "NextMarker": "m", "MaxItems": 1, "IsTruncated": true, "Quantity": 1, "Items": ["d1"]}}),
                json!({"List": {"Marker": "m", "MaxItems": 1, "IsTruncated": false, "Quantity": 1, "Items": ["d2"]}}),
            ],
            json!({"List": {"MaxItems": 1, "Items": ["d1", "d2"]}}),
            2,
        ),
        // A map, whose lists go on from page to page.
        (
            json!({"input_token": ["position"], "output_token": ["position"], "result_key": ["items"]}),
            vec![
                json!({"usagePlanId": "p", "items": {"k1": [[1, 2]]}, "position": "x"}),
                json!({"usagePlanId": "p", "items": {"k1": [[3, 4]], "k2": [[5, 6]]}}),
            ],
            json!({"usagePlanId": "p", "items": {"k1": [[1, 2], [3, 4]], "k2": [[5, 6]]}}),
            3,
        ),
        // A text that comes in portions.
        (
            json!({"input_token": ["Marker"], "output_token": ["Marker"], "result_key": ["LogFileData"],
                   "more_results": "AdditionalDataPending"}),
            vec![
                json!({"LogFileData": "one\n", "Marker": "1", "AdditionalDataPending": true}),
                json!({"LogFileData": "one\n", "Marker": "2", "AdditionalDataPending": false}),
            ],
            json!({"LogFileData": "one\none\n"}),
            2,
        ),
        // A text that names something stays.
        (
            json!({"input_token": ["T"], "output_token": ["T"], "result_key": ["InsightId", "Groups"]}),
            vec![json!({"InsightId": "i", "Groups": ["a"], "T": "1"}), json!({"InsightId": "i", "Groups": ["b"]})],
            json!({"InsightId": "i", "Groups": ["a", "b"]}),
            2,
        ),
        // A structure whose lists go on.
        (
            json!({"input_token": ["T"], "output_token": ["T"], "result_key": ["History"]}),
            vec![
                json!({"History": {"Name": "h", "Amounts": [1]}, "T": "1"}),
                json!({"History": {"Name": "h", "Amounts": [2], "More": 1}}),
            ],
            json!({"History": {"Name": "h", "Amounts": [1, 2], "More": 1}}),
            5,
        ),
        // Smithy's trait may leave the items unnamed: then all lists are.
        (
            json!({"input_token": ["T"], "output_token": ["T"], "result_key": []}),
            vec![json!({"A": [1], "N": 1, "T": "1"}), json!({"A": [2, 3], "B": [4], "N": 1})],
            json!({"A": [1, 2, 3], "N": 1, "B": [4]}),
            3,
        ),
        // An expression for a token; where it names a member, that one tells of a page only.
        (
            json!({"input_token": ["Marker"], "output_token": ["NextMarker || Contents[-1].Key"],
                   "result_key": ["Contents"], "more_results": "IsTruncated"}),
            vec![
                json!({"Contents": [{"Key": "a"}, {"Key": "b"}], "IsTruncated": true}),
                json!({"Contents": [{"Key": "c"}], "IsTruncated": true, "NextMarker": "n"}),
                json!({"Contents": [{"Key": "d"}], "IsTruncated": false}),
            ],
            json!({"Contents": [{"Key": "a"}, {"Key": "b"}, {"Key": "c"}, {"Key": "d"}]}),
            4,
        ),
        // Fractions are summed as such; an item that only some pages have is taken from them.
        (
            json!({"input_token": ["T"], "output_token": ["T"], "result_key": ["Items", "Cost", "Errors"]}),
            vec![json!({"Items": [1], "Cost": 0.5, "T": "1"}), json!({"Items": [2], "Cost": 2, "Errors": ["e"]})],
            json!({"Items": [1, 2], "Cost": 2.5, "Errors": ["e"]}),
            2,
        ),
    ];
    for (form, pages, output, items) in cases {
        let count = pages.len();
        let (asked, result) = gather(form.clone(), json!({}), 1_000, pages);
        assert_eq!(asked.len(), count, "{form}");
        assert_eq!(result, gathered(output, count, items, None), "{form}");
    }
}

#[test]
fn tokens_go_where_the_model_says_and_vanish_with_their_page() {
    let form = json!({"input_token": ["Name", "Type", "Id"], "output_token": ["NextName", "NextType", "NextId"],
        "result_key": ["Sets"], "more_results": "IsTruncated"});
    let (asked, result) = gather(
        form,
        json!({"Zone": "Z", "Id": "mine"}),
        3,
        vec![
            json!({"Sets": [1], "IsTruncated": true, "NextName": "n", "NextType": "A", "NextId": "i"}),
            json!({"Sets": [2], "IsTruncated": true, "NextName": "o", "NextType": "", "NextId": null}),
            json!({"Sets": [3], "IsTruncated": true, "NextName": "p"}),
        ],
    );
    assert_eq!(
        asked,
        [
            json!({"Zone": "Z", "Id": "mine"}),
            json!({"Zone": "Z", "Id": "i", "Name": "n", "Type": "A"}),
            json!({"Zone": "Z", "Name": "o"}),
        ]
    );
    // What the caller has set itself must be told to go.
    let next = json!({"payload": {"Name": "p", "Id": null}, "because": "maxItems"});
    assert_eq!(result, gathered(json!({"Sets": [1, 2, 3]}), 3, 3, Some(next)));
}

#[test]
fn it_ends_where_the_service_says() {
    for last in [
        json!({"Items": [2]}),
        json!({"Items": [2], "Next": null}),
        json!({"Items": [2], "Next": ""}),
        json!({"Items": [2], "Next": {}}),
    ] {
        let (_, result) = gather(simple(), json!({}), 9, vec![json!({"Items": [1], "Next": "1"}), last]);
        assert_eq!(result, gathered(json!({"Items": [1, 2]}), 2, 2, None));
    }
    // A token without more to come is not followed.
    let page = json!({"Contents": [1], "NextContinuationToken": "t", "IsTruncated": false});
    assert_eq!(gather(s3(), json!({}), 9, vec![page.clone()]).1, gathered(page, 1, 1, None));
}

#[test]
fn a_page_that_is_too_much_is_cut_between_items() {
    // In the first page: nothing but the number to skip.
    let page = json!({"Contents": [1, 2, 3], "CommonPrefixes": ["a"], "KeyCount": 3, "MaxKeys": 3,
                      "IsTruncated": true, "NextContinuationToken": "t"});
    let (_, result) = gather(s3(), json!({"Bucket": "b"}), 2, vec![page]);
    let next = json!({"payload": {}, "because": "maxItems", "skip": 2});
    let output = json!({"Contents": [1, 2], "CommonPrefixes": ["a"], "MaxKeys": 3});
    assert_eq!(result, gathered(output, 1, 2, Some(next)));

    // In a later one: its own token. A count among the items counts what is there.
    let form = json!({"input_token": ["T"], "output_token": ["T"], "result_key": ["Items", "Count"]});
    let pages = vec![json!({"Items": [1, 2], "Count": 2, "T": "1"}), json!({"Items": [3, 4], "Count": 2, "T": "2"})];
    let (_, result) = gather(form, json!({}), 3, pages);
    let next = json!({"payload": {"T": "1"}, "because": "maxItems", "skip": 1});
    assert_eq!(result, gathered(json!({"Items": [1, 2, 3], "Count": 3}), 2, 3, Some(next)));

    // At the border between two: the next one's token.
    let pages = vec![json!({"Items": [1, 2], "Next": "1"}), json!({"Items": [3, 4], "Next": "2"})];
    let (_, result) = gather(simple(), json!({}), 4, pages);
    let next = json!({"payload": {"Token": "2"}, "because": "maxItems"});
    assert_eq!(result, gathered(json!({"Items": [1, 2, 3, 4]}), 2, 4, Some(next)));

    // At the border to nothing it is the end.
    let pages = vec![json!({"Items": [1, 2], "Next": "1"}), json!({"Items": [3, 4]})];
    assert_eq!(gather(simple(), json!({}), 4, pages).1, gathered(json!({"Items": [1, 2, 3, 4]}), 2, 4, None));

    // The entries of a map are counted, and not cut.
    let page = json!({"Items": {"a": 1, "b": 2, "c": 3}, "Next": "1"});
    let next = json!({"payload": {"Token": "1"}, "because": "maxItems"});
    let output = json!({"Items": {"a": 1, "b": 2, "c": 3}});
    assert_eq!(gather(simple(), json!({}), 2, vec![page]).1, gathered(output, 1, 3, Some(next)));
}

#[test]
fn a_call_goes_on_within_a_page() {
    let form = json!({"input_token": ["T"], "output_token": ["T"], "result_key": ["Items", "Count", "Others"]});
    let page = json!({"Items": [1, 2, 3], "Count": 3, "Others": ["o"], "T": "1"});
    for (skip, max, output, items, next) in [
        (1, 1, json!({"Items": [2], "Count": 1}), 1, json!({"payload": {}, "because": "maxItems", "skip": 2})),
        (1, 2, json!({"Items": [2, 3], "Count": 2}), 2, json!({"payload": {"T": "1"}, "because": "maxItems"})),
        (
            0,
            3,
            json!({"Items": [1, 2, 3], "Count": 3, "Others": ["o"]}),
            3,
            json!({"payload": {"T": "1"}, "because": "maxItems"}),
        ),
    ] {
        let mut run = Pages::new(&paginator(form.clone()), Arc::default(), max, skip).unwrap();
        assert_eq!(run.absorb(page.clone()), Ok(false));
        assert_eq!(Ok(run.finish()), gathered(output, 1, items, Some(next)), "{skip} {max}");
    }
    // More to skip than there is: the next page counts from its beginning.
    let mut run = Pages::new(&paginator(form), Arc::default(), 2, 9).unwrap();
    assert_eq!(run.absorb(page), Ok(true));
    assert_eq!(run.absorb(json!({"Items": [4], "Count": 1, "Others": ["p"]})), Ok(false));
    assert_eq!(Ok(run.finish()), gathered(json!({"Items": [4], "Count": 1, "Others": ["p"]}), 2, 1, None));
}

#[test]
fn a_token_that_comes_again_is_an_error() {
    let page = |token: &str| json!({"Items": [1], "Next": token});
    for (payload, tokens) in [
        (json!({}), vec!["a", "a"]),
        (json!({}), vec!["a", "b", "a"]),
        // The caller began with it.
        (json!({"Token": "a"}), vec!["a"]),
        (json!({"Token": null}), vec!["b", "b"]),
    ] {
        let count = tokens.len();
        let (asked, result) = gather(simple(), payload, 9, tokens.into_iter().map(page).collect());
        let error = result.unwrap_err();
        assert_eq!(asked.len(), count);
        assert_eq!((error.kind, error.retryable), ("ServiceError", false));
        let extra = json!({"code": "RepeatedToken", "pages": count, "items": count});
        assert_eq!(Value::Object(error.extra), extra);
    }
}

#[test]
fn pages_without_end_end() {
    let mut run = Pages::new(&paginator(simple()), Arc::default(), 10_000, 0).unwrap();
    let mut page = 0;
    while run.absorb(json!({"Items": [], "Next": page.to_string()})).unwrap() {
        page += 1;
    }
    let next = json!({"payload": {"Token": "999"}, "because": "pages"});
    assert_eq!(Ok(run.finish()), gathered(json!({"Items": []}), MAX_PAGES, 0, Some(next)));

    let large = "x".repeat(MAX_CHARACTERS / 4);
    let mut run = Pages::new(&paginator(simple()), Arc::default(), 10_000, 0).unwrap();
    let mut page = 0;
    while run.absorb(json!({"Items": [large], "Next": page.to_string()})).unwrap() {
        page += 1;
    }
    let run = run.finish();
    assert_eq!((run.pages, run.items), (4, 4));
    assert_eq!(run.next, Some(json!({"payload": {"Token": "3"}, "because": "size"})));
}

#[test]
fn an_unfit_paginator_is_told() {
    for (form, told) in [
        (json!({"input_token": ["A", "B"], "output_token": ["C"], "result_key": []}), "token"),
        (json!({"input_token": [], "output_token": [], "result_key": []}), "token"),
        (json!({"input_token": ["A"], "output_token": ["B["], "result_key": []}), "`B[` is not JMESPath"),
        (json!({"input_token": ["A"], "output_token": ["B"], "result_key": ["C[].D"]}), "`C[].D`"),
    ] {
        let error = Pages::new(&paginator(form), Arc::default(), 1, 0).unwrap_err();
        assert_eq!(error.kind, "Internal");
        assert!(error.message.contains(told), "{error}");
    }
}

proptest! {
    /// Following `next` gives every item once, in order, whatever the sizes.
    #[test]
    fn nothing_is_lost_between_calls(items in 0_usize..60, size in 1_usize..9, max in 1_usize..20) {
        let all: Vec<usize> = (0..items).collect();
        let serve = |payload: &Value| {
            let from: usize = payload.get("Token").map_or(0, |token| token.as_str().unwrap().parse().unwrap());
            let to = (from + size).min(items);
            let mut page = json!({"Items": &all[from..to]});
            if to < items {
                page["Next"] = to.to_string().into();
            }
            page
        };
        let mut payload = json!({});
        let (mut skip, mut seen) = (0, Vec::new());
        for _ in 0..=items {
            let mut run = Pages::new(&paginator(simple()), Arc::new(payload.clone()), max, skip).unwrap();
            while run.absorb(serve(&run.payload())).unwrap() {}
            let Gathered { output, items, next, .. } = run.finish();
            let found: Vec<usize> = serde_json::from_value(output["Items"].clone()).unwrap();
            prop_assert_eq!(found.len(), items);
            prop_assert!(items <= max);
            seen.extend(found);
            let Some(next) = next else { break };
            skip = next["skip"].as_u64().map_or(0, |skip| skip as usize);
            payload.as_object_mut().unwrap().extend(next["payload"].as_object().unwrap().clone());
        }
        prop_assert_eq!(seen, all);
    }
}
