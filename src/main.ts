/** @file Where the page starts. */
document.querySelector('#app')!.textContent = 'Aftertrain';
