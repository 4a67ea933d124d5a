/** What the names of model files say. */

/** `/models/SmolLM2-135M-Instruct.Q4_1.gguf` -> `SmolLM2-135M-Instruct.Q4_1` */
export function modelName(path: string): string {
  return path.replace(/^.*[/\\]/, "").replace(/\.gguf$/i, "");
}

/** Whether a file is the vision part of a model, and no model by itself: llama.cpp's tools and all who publish such files call them so. */
export function isVisionName(name: string): boolean {
  return /mmproj/i.test(name);
}
