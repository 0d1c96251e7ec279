declare module "*.json.txt" {
  const text: string;
  export default text;
}
