//! Statements of our own: their effect whatever they look like.

use super::{cypher, gremlin, sql};
use crate::risk::RiskClass::{self, Destructive, Execute, Privilege, Read, Write};

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
        |text| sql(text, true),
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
fn nothing_is_no_statement() {
    assert_eq!(sql("", true), None);
    assert_eq!(sql(" ; -- nothing\n ; /* here */", true), None);
    assert_eq!(cypher(" // nothing"), None);
    assert_eq!(gremlin(""), None);
}

#[test]
fn partiql_is_judged_by_its_effect() {
    check(
        |text| sql(text, false),
        &[
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
