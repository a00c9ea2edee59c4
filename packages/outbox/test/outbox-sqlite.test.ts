/**
 * The suite over SQLite.
 */
import { sqliteGround } from "./support/ground.js";
import { outboxSuite } from "./support/suite.js";

outboxSuite("SQLite", sqliteGround);
