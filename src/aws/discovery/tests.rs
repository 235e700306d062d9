//! Which told endpoints are believed.

use super::beside;

#[test]
fn only_places_in_the_services_own_domain_are_called() {
    let asked = "https://query.timestream.eu-west-1.amazonaws.com";
    let cases = [
        (asked, "query-cell1.timestream.eu-west-1.amazonaws.com", true),
        (asked, "query.timestream.eu-west-1.amazonaws.com", true),
        (asked, "evil.example.com", false),
        (asked, "eviltimestream.eu-west-1.amazonaws.com", false),
        (asked, "evil.example.com/.timestream.eu-west-1.amazonaws.com", false),
        (asked, "a@b.timestream.eu-west-1.amazonaws.com", false),
        ("http://localhost:8000", "localhost:8001", true),
        ("http://localhost:8000", "example.com", false),
        (asked, "", false),
    ];
    for (asked, address, believed) in cases {
        let scheme = asked.split_once("://").unwrap().0;
        assert_eq!(beside(asked, address), believed.then(|| format!("{scheme}://{address}")), "{asked} {address}");
    }
}
