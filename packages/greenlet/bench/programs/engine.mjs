// The greenlets of the engine that is named first on the command line.
process.env.CORDAGE_GREENLET_ENGINE = process.argv[2];

export const { engine, getCurrent, Greenlet } = await import("@cordage/greenlet");
if (engine !== process.argv[2]) throw new Error(`the engine is ${engine}`);
