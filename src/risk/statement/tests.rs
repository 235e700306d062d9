//! Statements of our own: their effect whatever they look like.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{Speech, cypher, gremlin, sql};
use crate::risk::{
    RiskClass::{self, Destructive, Execute, Privilege, Read, Write},
    order::rank,
};

fn check(judge: impl Fn(&str) -> Option<super::Effect>, cases: &[(&str, RiskClass)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, judge(text).map(|effect| effect.class)))
        .filter(|(_, expected, found)| *found != Some(**expected))
        .map(|(text, expected, found)| format!("{text}: expected {expected}, got {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn sql_is_judged_by_its_effect() {
    check(
        |text| sql(text, Speech::Aurora),
        &[
            ("SELECT * FROM t", Read),
            ("  select\n1  ", Read),
            ("(SELECT 1) UNION (SELECT 2)", Read),
            ("WITH a AS (SELECT 1) SELECT * FROM a", Read),
            ("SHOW TABLES", Read),
            ("DESCRIBE t", Read),
            ("EXPLAIN DELETE FROM t", Read),
            ("EXPLAIN ANALYZE DELETE FROM t", Destructive),
            ("SELECT 'it''s; DROP TABLE t'", Read),
            ("SELECT \"drop\" FROM t", Read),
            ("SELECT `delete` FROM t", Read),
            ("SELECT 1 -- ; DROP TABLE t", Read),
            ("SELECT 1 /* ; DROP TABLE t */", Read),
            ("SELECT deleted, update_time FROM inserts", Read),
            ("SELECT REPLACE(a, 'x', 'y') FROM t FOR UPDATE", Read),
            ("VALUES (1)", Read),
            ("INSERT INTO t VALUES (1)", Write),
            ("INSERT INTO t SELECT * FROM o", Write),
            ("CREATE TABLE t (a int)", Write),
            ("CREATE TABLE t AS SELECT 1", Write),
            ("CREATE INDEX i ON t (a)", Write),
            ("SELECT * INTO n FROM t", Write),
            ("UPDATE t SET a = 1 WHERE id = 2", Write),
            ("ALTER TABLE t ADD COLUMN a int", Write),
            ("COPY t FROM 's3://b/k'", Write),
            ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 1", Write),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", Write),
            ("UPDATE t SET a = 1", Destructive),
            ("UPDATE t SET a = 1 WHERE 1=1", Destructive),
            ("UPDATE t SET a = 1 WHERE (TRUE)", Destructive),
            ("UPDATE t SET a = 1 WHERE id = 3 OR 1 = 1", Destructive),
            ("UPDATE t SET a = (SELECT b FROM o WHERE o.id = 1)", Destructive),
            ("DELETE FROM t WHERE id = 1", Destructive),
            ("dElEtE\tFROM t", Destructive),
            ("/* hi */ DROP TABLE t", Destructive),
            ("-- hi\nTRUNCATE t", Destructive),
            ("SELECT 1; DROP TABLE t", Destructive),
            ("SELECT ';'; DROP TABLE t; -- '", Destructive),
            ("SELECT 1 AS $$; DROP TABLE t; SELECT 1 AS $$", Destructive),
            ("ALTER TABLE t DROP COLUMN a", Destructive),
            ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", Destructive),
            ("WITH a AS (SELECT 1) DELETE FROM t", Destructive),
            ("INSERT OVERWRITE TABLE t SELECT 1", Destructive),
            ("INSERT INTO a WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", Destructive),
            ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", Destructive),
            ("SELECT pg_terminate_backend(1)", Destructive),
            ("REVOKE ALL ON t FROM u", Destructive),
            ("SELECT 1; /*!50000 DROP TABLE t */", Destructive),
            ("SELECT 'a\\'; DROP TABLE t; --'", Destructive),
            ("SELECT 1 /* /* */ ; DROP TABLE t", Destructive),
            ("GRANT ALL ON t TO u", Privilege),
            ("CREATE USER u PASSWORD 'x'", Privilege),
            ("CREATE ROLE r", Privilege),
            ("ALTER USER u SUPERUSER", Privilege),
            ("ALTER TABLE t DISABLE ROW LEVEL SECURITY", Privilege),
            ("SET PASSWORD FOR u = 'x'", Privilege),
            ("SELECT 1; GRANT r TO u; DROP TABLE t", Privilege),
            ("CALL p()", Execute),
            ("DO $$ BEGIN DELETE FROM t; END $$", Execute),
            ("EXECUTE prepared", Execute),
            ("COPY t TO PROGRAM 'sh'", Execute),
            ("FROBNICATE t", Execute),
        ],
    );
}

#[test]
fn dialects_have_their_quirks() {
    check(
        |text| sql(text, Speech::Redshift),
        &[
            ("UNLOAD ('select * from t') TO 's3://b/p' IAM_ROLE default", Write),
            ("COPY t FROM 's3://b/p' IAM_ROLE default FORMAT AS CSV", Write),
            ("VACUUM FULL t", Write),
            ("ALTER TABLE t APPEND FROM s", Write),
            ("CREATE TABLE t (a int) DISTSTYLE KEY DISTKEY (a) SORTKEY (a)", Write),
            ("SELECT * FROM svv_table_info ORDER BY size DESC LIMIT 10", Read),
            ("BEGIN; DELETE FROM t; COMMIT", Destructive),
            ("PREPARE p AS DELETE FROM t", Destructive),
            ("DO $body$ BEGIN DROP TABLE t; END $body$", Execute),
            ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", Privilege),
        ],
    );
    check(
        |text| sql(text, Speech::Athena),
        &[
            ("MSCK REPAIR TABLE logs", Write),
            ("SHOW PARTITIONS logs", Read),
            ("SHOW CREATE TABLE logs", Read),
            ("SELECT * FROM \"a\".\"t$partitions\"", Read),
            ("SELECT approx_distinct(x) FROM t TABLESAMPLE BERNOULLI (10)", Read),
            ("SELECT t.a, u FROM t CROSS JOIN UNNEST(b) AS x (u)", Read),
            ("ALTER TABLE t ADD IF NOT EXISTS PARTITION (dt = '1') LOCATION 's3://b/1'", Write),
            ("ALTER TABLE t DROP PARTITION (dt = '1')", Destructive),
            ("CREATE EXTERNAL TABLE t (a int) ROW FORMAT SERDE 'x' LOCATION 's3://b/'", Write),
            ("CREATE TABLE n WITH (format = 'PARQUET') AS SELECT * FROM t", Write),
            ("OPTIMIZE t REWRITE DATA USING BIN_PACK", Write),
            ("VACUUM t", Destructive),
            ("UNLOAD (SELECT * FROM t) TO 's3://b/' WITH (format = 'PARQUET')", Write),
        ],
    );
    check(
        |text| sql(text, Speech::Aurora),
        &[
            ("SELECT 1 /*! INTO OUTFILE '/x' */", Write),
            ("SELECT /*+ SET_VAR(a=1) */ 1", Read),
            ("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 2", Write),
            ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", Write),
            ("WITH a AS (SELECT 1) UPDATE t SET b = 1 WHERE id = 2", Write),
            ("WITH a AS (SELECT 1) UPDATE t SET b = 1", Destructive),
            ("WITH a AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM a", Destructive),
            ("SELECT \"pg_terminate_backend\"(1)", Destructive),
            ("SELECT * FROM \"dblink\"('c', 'q') AS t(a int)", Execute),
            ("EXPLAIN (ANALYZE, BUFFERS) UPDATE t SET a = 1", Destructive),
            ("COPY (SELECT 1) TO PROGRAM 'sh'", Execute),
            ("KILL 5", Destructive),
            ("TABLE t", Read),
            ("SELECT 1 WHAT IS THIS DELETE", Execute),
            ("SELECT 1 FROM t WHERE a = 1 AND (b IS DISTINCT FROM 2 OR c ~* 'drop') FOR UPDATE SKIP LOCKED", Read),
        ],
    );
}

#[test]
fn hostile_statements_are_judged_and_never_too_mildly() {
    let deep =
        |before: &str, inner: &str, after: &str| format!("{}{inner}{}", before.repeat(20_000), after.repeat(20_000));
    for text in [
        deep("SELECT * FROM (", "DELETE FROM t", ") x"),
        deep("(", "SELECT 1", ")"),
        format!("UPDATE t SET a = 1 WHERE {}", deep("(", "1 = 1", ")")),
        deep("EXPLAIN ", "ANALYZE DELETE FROM t", ""),
        deep("CASE WHEN ", "1", ""),
        deep("SELECT ) UPDATE t SET a = ", "1", ""),
        deep("$a$x", "; DROP TABLE t", ""),
        deep("WITH a AS (", "SELECT 1", ")"),
        deep("/*", "", "*/"),
        deep("'", "", ""),
        format!("SELECT 1{}", " OR 1".repeat(20_000)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(20_000)),
        format!("SELECT 1 /* {} */; DROP TABLE t", "x".repeat(1 << 19)),
    ] {
        for speech in [Speech::PartiQl, Speech::Redshift, Speech::Aurora, Speech::Athena] {
            let ends = format!("{text}; ; DROP TABLE t");
            let (alone, worse) = (sql(&text, speech), sql(&ends, speech));
            let start: String = text.chars().take(40).collect();
            if let (Some(alone), Some(worse)) = (alone, worse) {
                assert!(rank(worse.class) >= rank(alone.class), "{start}: {alone:?} {worse:?}");
            }
        }
    }
    let padded = format!("SELECT 1 /* {} */; DROP TABLE t", "x".repeat(1 << 19));
    assert_eq!(sql(&padded, Speech::Athena).map(|effect| effect.class), Some(Destructive));
    let nested = deep("(", "DELETE FROM t", ")");
    assert_eq!(sql(&nested, Speech::Athena).map(|effect| effect.class), Some(Destructive));
}

const PIECES: &[&str] = &[
    "SELECT",
    "1",
    "*",
    "FROM",
    "t",
    "WHERE",
    "a = 1",
    "(",
    ")",
    "'",
    "\"",
    "`",
    ";",
    "--",
    "\n",
    "/*",
    "*/",
    "$$",
    "$x$",
    "WITH",
    "AS",
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "{'a': 1}",
    "E'\\''",
    "#",
    "/*!",
    "//",
    ",",
    "OR",
    "EXPLAIN",
    "ANALYZE",
    "CALL",
    "BEGIN",
    "END",
    "UNION",
    "é",
    "\u{0}",
    "?",
    ":",
    "[",
    "]",
    "CASE",
    "WHEN",
    "RETURNING",
];

proptest! {
    /// Whatever is written, it is judged; and a statement that deletes beside it never makes it milder.
    #[test]
    fn another_statement_never_makes_it_milder(picked in vec(select(PIECES), 0..24)) {
        let text = picked.join(" ");
        for speech in [Speech::PartiQl, Speech::Redshift, Speech::Aurora, Speech::Athena] {
            let alone = sql(&text, speech).map_or(0, |effect| rank(effect.class));
            let first = sql(&format!("DROP TABLE t; {text}"), speech).expect("a statement");
            prop_assert!(rank(first.class) >= rank(Destructive), "{text}: {first:?}");
            prop_assert!(rank(first.class) >= alone, "{text}: {first:?}");
            // After it, the text may end it in a literal or a comment; every reading that sees it counts.
            let last = sql(&format!("{text}\n; DROP TABLE t"), speech).map_or(0, |effect| rank(effect.class));
            let open = ["'", "\"", "`", "/*", "$$", "$x$", "E'\\''", "/*!", "\n", "--", "#"];
            if !picked.iter().any(|piece| open.contains(piece)) {
                prop_assert!(last >= rank(Destructive) && last >= alone, "{text}");
            }
        }
    }

    /// Graph queries are judged whatever is written.
    #[test]
    fn graph_queries_are_judged_whatever_is_written(text in "\\PC{0,60}") {
        for effect in [cypher(&text), gremlin(&text)].into_iter().flatten() {
            prop_assert!(!effect.what.is_empty());
        }
    }
}

#[test]
fn nothing_is_no_statement() {
    assert_eq!(sql("", Speech::Aurora), None);
    assert_eq!(sql(" ; -- nothing\n ; /* here */", Speech::Aurora), None);
    assert_eq!(cypher(" // nothing"), None);
    assert_eq!(gremlin(""), None);
}

#[test]
fn partiql_is_judged_by_its_effect() {
    check(
        |text| sql(text, Speech::PartiQl),
        &[
            ("/* /* */ DROP TABLE t -- */", Destructive),
            ("SELECT 1 /* a /* b */ c */", Read),
            ("SELECT $$; DROP TABLE t$$", Read),
            ("SELECT $tag$; DROP TABLE t$tag$, $1", Read),
            ("CREATE FUNCTION f() AS $$ BEGIN DELETE FROM t; END $$", Write),
            ("SELECT * FROM \"Music\".\"Index\" WHERE Artist='DROP'", Read),
            ("EXISTS (SELECT * FROM \"Music\" WHERE Artist='a')", Read),
            ("INSERT INTO \"Music\" VALUE {'Artist':'DELETE','Song':'b'}", Write),
            ("UPDATE \"Music\" SET Year=2 WHERE Artist='a' AND Song='b'", Write),
            ("DELETE FROM \"Music\" WHERE Artist='a' AND Song='b'", Destructive),
        ],
    );
}

#[test]
fn graph_queries_are_judged_by_their_effect() {
    check(
        cypher,
        &[
            ("MATCH (n {name: 'delete'}) RETURN n", Read),
            ("MATCH (n:Delete) RETURN n.set", Read),
            ("MATCH (n) // DELETE n\nRETURN n", Read),
            ("CALL neptune.algo.pageRank(n) YIELD rank RETURN rank", Read),
            ("CREATE (n:P {name: \"x\"})", Write),
            ("merge (n:P) on create set n.a = 1", Write),
            ("MATCH (n) SET n.a = 1", Write),
            ("MATCH (n) REMOVE n.a", Destructive),
            ("match (n) detach delete n", Destructive),
            ("MATCH (n) RETURN n UNION MATCH (m) DELETE m", Destructive),
            ("CALL something.unknown()", Execute),
        ],
    );
    check(
        gremlin,
        &[
            ("g.V().hasLabel('drop').values('name')", Read),
            ("g.V().count() // .drop()", Read),
            ("g.V().as('a').out()", Read),
            ("g.addV('p').property(single, 'n', 'drop()')", Write),
            ("g.V('1').addE('knows').to(__.V('2'))", Write),
            ("g.V('1').property('a', 1)", Write),
            ("g.V().drop()", Destructive),
            ("g.E().hasLabel(\"x\") . drop ()", Destructive),
            ("g.V().sideEffect(__.properties().drop())", Destructive),
        ],
    );
}
