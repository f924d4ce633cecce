export { native } from "./internal/native.js";
