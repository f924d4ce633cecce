// Chooses the engine that jest.config.mjs names, for the tests and for the programs that they start.
process.env.CORDAGE_GREENLET_ENGINE = globalThis.engine;
