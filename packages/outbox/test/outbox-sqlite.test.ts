/**
 * The suite over SQLite.
 */
import { edgeSuite } from "./support/edge-suite.js";
import { sqliteGround } from "./support/ground.js";
import { hostileSuite } from "./support/hostile-suite.js";
import { lookSuite } from "./support/look-suite.js";
import { outboxSuite } from "./support/suite.js";

outboxSuite("SQLite", sqliteGround);
lookSuite("SQLite", sqliteGround);
edgeSuite("SQLite", sqliteGround);
hostileSuite("SQLite", sqliteGround);
