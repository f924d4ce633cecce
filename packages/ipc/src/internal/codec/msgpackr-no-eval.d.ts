/** msgpackr's own build without `new Function`, and with a registry of extensions that nobody else writes to. */
declare module "msgpackr/index-no-eval" {
  export { Packr, RESERVE_START_SPACE, Unpackr } from "msgpackr";
}
