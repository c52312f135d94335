// Style sheets are imported as text when the command line is bundled.
declare module '*.css' {
  const text: string;
  export default text;
}
